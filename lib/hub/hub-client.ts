import { setTimeout as delay } from 'node:timers/promises';
import { isRepriseError, messageOf, RepriseError } from '../errors.js';
import { listFiles, modelInfo } from './hub-packages.js';
import type { HubSettings } from './hub-settings.js';
import { isInside } from './model-name.js';

/** A file of a repository, as the hub lists it. */
export interface RemoteFile {
	readonly path: string;
	readonly bytes: number;
	/** What its content is known by: the SHA-256 of a large file, the id of Git's object of a small one. */
	readonly oid: string;
}

/** A failure that may be none at the next try. */
export class Temporary extends Error {
	override readonly name = 'Temporary';
	/** How long the hub asks to wait; null where it does not say. */
	readonly waitMs: number | null;

	constructor(message: string, waitMs: number | null = null, options?: ErrorOptions) {
		super(message, options);
		this.waitMs = waitMs;
	}
}

const isTemporary = (error: unknown): error is Temporary =>
	(error as { name?: unknown } | null)?.name === 'Temporary';

/** A response whose body is not read yet; `close` gives it up. */
export interface OpenResponse {
	readonly status: number;
	readonly headers: Headers;
	/** The parts of the body; throws `Temporary` where the hub falls silent or breaks off. */
	readonly parts: AsyncIterable<Uint8Array>;
	close(): void;
}

const firstWaitMs = 500;
const longestWaitMs = 10_000;
/** The hub counts requests by windows of five minutes. */
const mostAskedWaitMs = 300_000;
/** No listing and no message is larger. */
const mostApiBytes = 64 * 2 ** 20;

/** Requests to the hub for one repository, tried again where that may help. */
export class HubClient {
	readonly #settings: HubSettings;
	readonly #repo: string;
	readonly #signal: AbortSignal;

	/** `signal` ends all requests; they then reject with its reason. */
	constructor(settings: HubSettings, repo: string, signal: AbortSignal) {
		this.#settings = settings;
		this.#repo = repo;
		this.#signal = signal;
	}

	/** The repository, in words. */
	get where(): string {
		return `${this.#repo} on ${new URL(this.#settings.endpoint).host}`;
	}

	/** The commit that a revision is at. */
	async commitOf(revision: string): Promise<string> {
		const info = await this.#api((fetch) =>
			modelInfo({
				name: this.#repo,
				revision,
				hubUrl: this.#settings.endpoint,
				additionalFields: ['sha'],
				fetch,
			}),
		);
		if (typeof info.sha === 'string' && /^[0-9a-f]{40}$/.test(info.sha)) return info.sha;
		throw this.#unavailable(`gave no commit for the revision ${revision}`);
	}

	async filesOf(commit: string): Promise<RemoteFile[]> {
		const { endpoint } = this.#settings;
		return this.#api(async (fetch) => {
			const files: RemoteFile[] = [];
			const listed = listFiles({
				repo: this.#repo,
				revision: commit,
				recursive: true,
				hubUrl: endpoint,
				fetch,
			});
			for await (const { type, path, size, oid = '', lfs } of listed) {
				if (type !== 'file' || !isInside(path)) continue;
				files.push({ path, bytes: lfs?.size ?? size, oid: lfs?.oid ?? oid });
			}
			return files;
		});
	}

	/** The address of a file's content. */
	addressOf(commit: string, path: string): string {
		const file = path.split('/').map(encodeURIComponent).join('/');
		return `${this.#settings.endpoint}/${this.#repo}/resolve/${commit}/${file}`;
	}

	/** `fetch` as the hub's packages call it; bodies are read whole. Not tried again by itself. */
	readonly fetch: typeof fetch = async (input, init) => {
		const url = String(input);
		// A listing of many pages is told the address of the next by the hub.
		if (new URL(url).origin !== new URL(this.#settings.endpoint).origin)
			throw this.#unavailable(`leads to another hub, ${new URL(url).host}`);
		const response = await this.open(url, new Headers(init?.headers));
		const parts: Uint8Array[] = [];
		let bytes = 0;
		for await (const part of response.parts) {
			parts.push(part);
			bytes += part.length;
			if (bytes <= mostApiBytes) continue;
			response.close();
			throw this.#unavailable('answers without end');
		}
		return new Response(Buffer.concat(parts), { status: response.status, headers: response.headers });
	};

	/** One request. Throws a `RepriseError` where the hub refuses it, and `Temporary` where it may not the next time. */
	async open(url: string, headers: Headers): Promise<OpenResponse> {
		const { timeoutMs, token } = this.#settings;
		if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
		// Ranges count the bytes that are sent.
		headers.set('accept-encoding', 'identity');
		const controller = new AbortController();
		const signal = AbortSignal.any([this.#signal, controller.signal]);
		const within = async <T>(work: Promise<T>): Promise<T> => {
			const timer = setTimeout(
				() => controller.abort(new Temporary(`said nothing for ${timeoutMs / 1000} s`)),
				timeoutMs,
			);
			try {
				return await work;
			} catch (error) {
				this.#signal.throwIfAborted();
				throw controller.signal.aborted ? controller.signal.reason : failureOf(error);
			} finally {
				clearTimeout(timer);
			}
		};
		const response = await within(fetch(url, { headers, signal }));
		const close = () => controller.abort();
		const parts = partsOf(response, within, close);
		if (response.ok) return { status: response.status, headers: response.headers, parts, close };
		close();
		throw this.#refusal(response);
	}

	/**
	 * What `run` gives, which is run again after each `Temporary` failure. Those without progress between them are
	 * counted.
	 */
	async retrying<T>(run: () => Promise<T>, progress: () => number = () => 0): Promise<T> {
		const { maxRetries } = this.#settings;
		let failures = 0;
		let reached = progress();
		for (;;) {
			try {
				return await run();
			} catch (error) {
				if (!isTemporary(error)) throw error;
				if (progress() > reached) failures = 0;
				reached = Math.max(reached, progress());
				const waitMs = error.waitMs ?? Math.min(firstWaitMs * 2 ** failures, longestWaitMs);
				if (waitMs > mostAskedWaitMs)
					throw this.#unavailable(`${error.message}, and asks to wait ${Math.ceil(waitMs / 1000)} s`, error);
				if (failures === maxRetries)
					throw this.#unavailable(`${error.message}, ${times(maxRetries + 1)}`, error);
				failures++;
				await delay(waitMs, undefined, { signal: this.#signal });
			}
		}
	}

	async #api<T>(call: (fetch: typeof globalThis.fetch) => Promise<T>): Promise<T> {
		return this.retrying(async () => {
			try {
				return await call(this.fetch);
			} catch (error) {
				this.#signal.throwIfAborted();
				if (isRepriseError(error) || isTemporary(error)) throw error;
				throw this.#unavailable(`gave an answer that cannot be read: ${messageOf(error)}`, error);
			}
		});
	}

	#unavailable(what: string, cause?: unknown): RepriseError {
		return new RepriseError('HUB_UNAVAILABLE', `The hub at ${this.#settings.endpoint} ${what}`, { cause });
	}

	#refusal({ status, headers }: Response): Error {
		const { endpoint, token } = this.#settings;
		const repo = this.#repo;
		const code = headers.get('x-error-code');
		if (status === 429) return new Temporary('has had too many requests (429)', retryAfterMs(headers));
		if (status === 408 || status >= 500) return new Temporary(`failed (${status})`, retryAfterMs(headers));
		if (status === 416)
			return new RepriseError('DOWNLOAD_INVALID', 'The hub lists more bytes than it has (416)');
		if (status === 401 || status === 403) {
			const mend = token
				? 'the token that was given has no access to it'
				: 'set HF_TOKEN to a token that may read it';
			const gated = `${repo} is gated (${status}): accept its terms at ${endpoint}/${repo}, and ${mend}`;
			const other = `There is no ${this.where}, or it is private (${status}): check the name; ${mend}`;
			return new RepriseError('HUB_DENIED', code === 'GatedRepo' ? gated : other);
		}
		if (status === 404) {
			const what =
				code === 'RevisionNotFound'
					? 'has no such revision'
					: code === 'EntryNotFound'
						? 'has no such file any more'
						: 'does not exist';
			return new RepriseError('MODEL_NOT_FOUND', `${this.where} ${what} (404): check the name`);
		}
		return this.#unavailable(`refused the request (${status})`);
	}
}

const times = (count: number) => (count === 1 ? 'and was not asked again' : `${count} times in a row`);

async function* partsOf(
	{ body }: Response,
	within: <T>(work: Promise<T>) => Promise<T>,
	close: () => void,
): AsyncGenerator<Uint8Array> {
	if (body === null) return;
	const reader = body.getReader();
	try {
		for (;;) {
			const { done, value } = await within(reader.read());
			if (done) return;
			yield value;
		}
	} finally {
		close();
	}
}

/** What undici's `fetch` throws has the reason as its cause. */
function failureOf(error: unknown): Error {
	const cause = (error as { cause?: unknown } | null)?.cause;
	const reason =
		cause === undefined ? messageOf(error) : messageOf(cause) || codeOf(cause) || messageOf(error);
	if (/redirect count exceeded/.test(reason))
		return new RepriseError('HUB_UNAVAILABLE', 'The hub redirects without end', { cause: error });
	return new Temporary(`cannot be reached, or broke off: ${reason}`, null, { cause: error });
}

/** A connection that all addresses of a host refuse has a code and no message. */
const codeOf = (cause: unknown): string => String((cause as { code?: unknown } | null)?.code ?? '');

/** Seconds, or a date of HTTP. */
function retryAfterMs(headers: Headers): number | null {
	const given = headers.get('retry-after');
	if (given === null) return null;
	const waitMs = /^\d+$/.test(given) ? 1000 * Number(given) : Date.parse(given) - Date.now();
	return Number.isNaN(waitMs) ? null : Math.max(0, waitMs);
}
