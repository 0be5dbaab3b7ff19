import type { Device } from '../devices.js';
import { cachedModel, notCached, remoteModel } from '../hub/download-model.js';
import { HubClient } from '../hub/hub-client.js';
import { readHubSettings } from '../hub/hub-settings.js';
import { parseModelName } from '../hub/model-name.js';
import { type RemoteHeader, readRemoteHeader } from '../hub/remote-header.js';
import type { Placement } from '../native-devices.js';
import { megabytes } from './ls.js';

/** A model that is named: in the cache, or its headers from the hub. */
export interface NamedModel {
	/** What llama.cpp can read all but the weights from. */
	readonly path: string;
	/** What the headers say; null where the model is in the cache, and `path` is the model. */
	readonly facts: RemoteFacts | null;
	[Symbol.asyncDispose](): Promise<void>;
}

/** What is known of a model on the hub by its headers. */
export interface RemoteFacts {
	readonly commit: string;
	readonly files: readonly string[];
	readonly sizeBytes: number;
	/** What was read to know it. */
	readonly fetchedBytes: number;
	readonly modelName: string | null;
	readonly architecture: string;
	readonly parameters: number;
	readonly trainedContextLength: number | null;
	readonly layers: number | null;
	readonly vocabularySize: number | null;
	readonly chatTemplate: string | null;
}

/** Downloads no weights. Rejects as `downloadModel` does. */
export async function openNamed(given: string, signal: AbortSignal): Promise<NamedModel> {
	const name = parseModelName(given, 'model');
	const settings = readHubSettings(undefined);
	const cached = await cachedModel(name, settings);
	if (cached) return { path: cached.path, facts: null, [Symbol.asyncDispose]: async () => {} };
	if (settings.offline) throw notCached(name, settings);
	const remote = await remoteModel(name, new HubClient(settings, name.repo, signal));
	const header = await readRemoteHeader(remote, name.repo, settings, signal);
	const facts = {
		commit: remote.commit,
		files: remote.files.map(({ path }) => path),
		sizeBytes: remote.files.reduce((sum, { bytes }) => sum + bytes, 0),
		...factsOf(header),
	};
	return { path: header.path, facts, [Symbol.asyncDispose]: () => header[Symbol.asyncDispose]() };
}

function factsOf({
	headers,
	fetchedBytes,
}: RemoteHeader): Omit<RemoteFacts, 'commit' | 'files' | 'sizeBytes'> {
	const metadata = (headers[0]?.metadata ?? {}) as Record<string, unknown>;
	const text = (key: string) => (typeof metadata[key] === 'string' ? metadata[key] : null);
	const architecture = text('general.architecture') ?? 'unknown';
	const count = (key: string) => {
		const value = metadata[`${architecture}.${key}`];
		return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
	};
	const tokens = metadata['tokenizer.ggml.tokens'];
	return {
		fetchedBytes,
		modelName: text('general.name'),
		architecture,
		parameters: headers.reduce((sum, { parameterCount }) => sum + parameterCount, 0),
		trainedContextLength: count('context_length'),
		layers: count('block_count'),
		vocabularySize: Array.isArray(tokens) ? tokens.length : null,
		chatTemplate: text('tokenizer.chat_template'),
	};
}

export function describeRemote(facts: RemoteFacts): Array<[string, string]> {
	const rows: Array<[string, string | null]> = [
		['model', facts.modelName],
		['files', facts.files.join(', ')],
		['size', `${megabytes(facts.sizeBytes)}, of which ${megabytes(facts.fetchedBytes)} were read for this`],
		['architecture', facts.architecture],
		['parameters', facts.parameters.toLocaleString('en')],
		['trained context', facts.trainedContextLength && `${facts.trainedContextLength} tokens`],
		['layers', facts.layers && `${facts.layers} and the output`],
		['vocabulary', facts.vocabularySize && `${facts.vocabularySize} tokens`],
		['chat template', facts.chatTemplate === null ? 'none' : 'yes'],
	].map(([name, value]) => [String(name), value === null || value === 0 ? null : String(value)]);
	return rows.filter((row): row is [string, string] => row[1] !== null);
}

/** Whether each device has the memory for its part of the model and a session; the reason where one has not. */
export function fitFault(placement: Placement, devices: readonly Device[]): string | null {
	for (const { device, weightBytes, cacheBytes, computeBytes } of placement.devices) {
		const needed = weightBytes + cacheBytes + computeBytes;
		const { totalBytes, freeBytes } = devices.find(({ name }) => name === device) ?? {
			totalBytes: 0,
			freeBytes: 0,
		};
		if (totalBytes > 0 && needed > freeBytes)
			return `it needs ${megabytes(needed)} on ${device}, where ${megabytes(freeBytes)} are free`;
	}
	return null;
}
