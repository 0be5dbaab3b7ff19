import { basename } from 'node:path';
import { type DownloadedModel, downloadModel } from '../download-model.js';
import { isModelName } from '../hub/model-name.js';
import { Progress } from './progress.js';

/** How the help calls what a command takes for a model. */
export const modelArgument = 'a GGUF file, or hf:OWNER/REPO[:TAG or /FILE.gguf]';

/** The path of a model: what is named `hf:…` is downloaded first, unless it is in the cache. */
export async function modelPath(given: string, signal: AbortSignal): Promise<string> {
	return isModelName(given) ? (await download(given, signal)).path : given;
}

/** Downloads a model and shows a progress bar meanwhile. */
export async function download(name: string, signal: AbortSignal): Promise<DownloadedModel> {
	const progress = new Progress('downloading', 'MB');
	const megabytes = (bytes: number) => Math.round(bytes / 1e6);
	try {
		return await downloadModel(name, {
			onDownload: ({ file, doneBytes, totalBytes }) =>
				progress.update(megabytes(doneBytes), megabytes(totalBytes), `, ${basename(file)}`),
			signal,
		});
	} finally {
		progress.stop();
	}
}
