import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadModel, type Model } from '../../lib/index.js';
import { llamaSourceDir } from './llama-source.js';

/** Every vocabulary of llama.cpp's source, by its name (`qwen2` of ggml-vocab-qwen2.gguf). Dispose them. */
export async function allVocabularies(): Promise<Array<[name: string, model: Model]>> {
	const folder = join(llamaSourceDir(), 'models');
	const files = readdirSync(folder).filter((name) => name.endsWith('.gguf'));
	return Promise.all(
		files.map(
			async (file): Promise<[string, Model]> => [
				file.slice('ggml-vocab-'.length, -'.gguf'.length),
				await loadModel(join(folder, file), { vocabOnly: true }),
			],
		),
	);
}

/** Their tokenizers drop spaces or fold characters: no text comes back from their tokens as it was. */
export const lossyVocabularies = ['bert-bge', 'nomic-bert-moe'];
