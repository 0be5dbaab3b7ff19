import { createRequire } from 'node:module';
import { ownFile } from '../own-file.js';

type Hub = typeof import('@huggingface/hub');
type Gguf = typeof import('@huggingface/gguf');

/** What is used of Hugging Face's packages. */
type HubPackages = Pick<
	Hub,
	'getHFHubCachePath' | 'getRepoFolderName' | 'HUB_URL' | 'listFiles' | 'modelInfo'
> &
	Pick<Gguf, 'gguf' | 'parseGGUFQuantLabel' | 'parseGgufShardFilename'>;

const file = ownFile(['hub-packages.cjs'], import.meta.url);

export const {
	getHFHubCachePath,
	getRepoFolderName,
	gguf,
	HUB_URL,
	listFiles,
	modelInfo,
	parseGGUFQuantLabel,
	parseGgufShardFilename,
}: HubPackages = createRequire(import.meta.url)(file);
