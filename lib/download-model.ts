import { onAbort } from './abort.js';
import { isRepriseError, RepriseError } from './errors.js';
import { type HubOptions, hubOptions } from './hub/hub-options.js';
import { formatModelName, parseModelName } from './hub/model-name.js';
import { Listener } from './listener.js';
import { abortSignal, type Check, callback, optional, optionsOf, readOptions } from './options.js';

/** How far a download is. */
export interface DownloadProgress {
	/** The path, within the repository, of the file that is being downloaded. */
	readonly file: string;
	/** The bytes of the model that are in the cache, those of its other parts included. */
	readonly doneBytes: number;
	/** The bytes of the whole model. */
	readonly totalBytes: number;
}

/** How a model is downloaded. */
export interface DownloadModelOptions {
	/** How the hub is asked, and where its files go. Default: `{}`, what the hub's own variables say. */
	hub?: HubOptions;
	/**
	 * This function is called while files are downloaded, 20 times a second at most, and once a file is there. Where it
	 * throws, the download ends and rejects with `ABORTED`, with what it threw as the `cause`. Default: none.
	 *
	 * @param progress - How far it is.
	 */
	onDownload?: (progress: DownloadProgress) => void;
	/** A signal that ends the download: the promise rejects with `ABORTED`. What has come is kept. Default: none. */
	signal?: AbortSignal;
}

/** A model that is in the cache. */
export interface DownloadedModel {
	/** The path of the file, or of the first part of a split model, for `loadModel`. */
	readonly path: string;
	/** The paths of all parts; one where the model is not split. */
	readonly parts: readonly string[];
	/** The commit of the repository that they are of. */
	readonly commit: string;
}

const checks = optionsOf('downloadModel', {
	hub: optional(hubOptions),
	onDownload: optional(callback<(progress: DownloadProgress) => void>()),
	signal: optional(abortSignal),
} satisfies Record<keyof DownloadModelOptions, Check<unknown>>);

/**
 * Downloads a model from the Hugging Face Hub, unless it is in the cache, which the hub's other programs share. The
 * hub is asked which commit the revision is at; where it cannot be reached, what the cache has is taken. A download
 * that was broken off goes on where it was, and every file is checked against its checksum.
 *
 * Rejects with `MODEL_NOT_FOUND`, `MODEL_NOT_CACHED`, `HUB_DENIED`, `HUB_UNAVAILABLE`, `DOWNLOAD_INVALID`,
 * `CACHE_IO` or `OPTION_INVALID`, and with `ABORTED` where the signal ends it.
 *
 * @param name - `hf:OWNER/REPO/FILE.gguf`; or `hf:OWNER/REPO:TAG` with a quantisation as tag, which also chooses
 * among the files of a repository; or `hf:OWNER/REPO`, which takes Q4_K_M, else Q8_0, else the first file. All
 * parts of a split file are taken. `@REVISION` behind the repository names a branch, a tag or a commit (a slash in it
 * is written `%2F`). Default: `@main`.
 * @param options - How it is downloaded.
 */
export async function downloadModel(name: string, options?: DownloadModelOptions): Promise<DownloadedModel> {
	const parsed = parseModelName(name, 'name');
	const { hub, onDownload, signal } = readOptions(checks, options, 'downloadModel');
	const controller = new AbortController();
	const aborted = (cause: unknown) =>
		new RepriseError('ABORTED', `Downloading ${formatModelName(parsed)} was aborted`, { cause });
	const progress = new Listener('onDownload', onDownload, () => controller.abort());
	const unsubscribe = onAbort(signal, () => controller.abort());
	try {
		if (signal?.aborted) throw aborted(signal.reason);
		// Programs that download nothing need not load the code of it.
		const { download } = await import('./hub/download-model.js');
		return await progress.during(() => download(parsed, hub, (at) => progress.call?.(at), controller.signal));
	} catch (error) {
		if (controller.signal.aborted && !isRepriseError(error)) throw aborted(signal?.reason);
		throw error;
	} finally {
		unsubscribe();
		// Whatever is left of it ends with the call.
		controller.abort();
	}
}
