import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { GGUFParseOutput } from '@huggingface/gguf';
import { isRepriseError, messageOf, RepriseError } from '../errors.js';
import type { RemoteModel } from './download-model.js';
import { HubClient } from './hub-client.js';
import { gguf } from './hub-packages.js';
import type { HubSettings } from './hub-settings.js';

/** The headers of a model on the hub, as files with all that llama.cpp reads of a model but its weights. */
export interface RemoteHeader {
	/** A file of the model's whole size, in which all but the header is a hole; of a split model, the first part. */
	readonly path: string;
	/** The header of each part. */
	readonly headers: ReadonlyArray<GGUFParseOutput & { parameterCount: number }>;
	/** The bytes that came over the network. */
	readonly fetchedBytes: number;
	[Symbol.asyncDispose](): Promise<void>;
}

/** Reads the headers of a model on the hub, some megabytes of each part. Rejects as `downloadModel` does. */
export async function readRemoteHeader(
	{ commit, files }: RemoteModel,
	repo: string,
	settings: HubSettings,
	signal: AbortSignal,
): Promise<RemoteHeader> {
	const client = new HubClient(settings, repo, signal);
	const folder = await mkdtemp(join(tmpdir(), 'reprise-header-'));
	const remove = () => rm(folder, { recursive: true, force: true });
	let fetchedBytes = 0;
	try {
		const headers: RemoteHeader['headers'][number][] = [];
		for (const { path, bytes } of files) {
			const handle = await open(join(folder, basename(path)), 'w');
			try {
				await handle.truncate(bytes);
				const keep = async (part: Uint8Array, start: number) => {
					fetchedBytes += part.length;
					await handle.write(part, 0, part.length, start);
				};
				headers.push(await readHeader(client, client.addressOf(commit, path), path, keep));
			} finally {
				await handle.close();
			}
		}
		const path = join(folder, basename(files[0]?.path ?? ''));
		return { path, headers, fetchedBytes, [Symbol.asyncDispose]: remove };
	} catch (error) {
		await remove();
		throw error;
	}
}

async function readHeader(
	client: HubClient,
	url: string,
	path: string,
	keep: (part: Uint8Array, start: number) => Promise<void>,
): Promise<RemoteHeader['headers'][number]> {
	const fetchPart: typeof fetch = async (input, init) => {
		const response = await client
			.retrying(() => client.fetch(input, init))
			.catch((error: unknown) => {
				// The parser reads ahead, and may ask for what is behind the end.
				if (isRepriseError(error) && error.code === 'DOWNLOAD_INVALID') return new Response();
				throw error;
			});
		if (response.status !== 206 && response.body === null) return response;
		const [, start] = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '') ?? [];
		const part = new Uint8Array(await response.arrayBuffer());
		await keep(part, Number(start ?? 0));
		return new Response(part, { status: response.status, headers: response.headers });
	};
	let fault: unknown;
	const noted: typeof fetch = (input, init) =>
		fetchPart(input, init).catch((error: unknown) => {
			fault = error;
			throw error;
		});
	try {
		return await gguf(url, { fetch: noted, computeParametersCount: true });
	} catch (error) {
		if (fault !== undefined) throw fault;
		throw new RepriseError('MODEL_INVALID', `${path} is no GGUF file: ${messageOf(error)}`, { cause: error });
	}
}
