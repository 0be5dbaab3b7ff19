import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a request asks for: a revision's commit, a listing, an address of a content, or the content. */
export type Kind = 'revision' | 'tree' | 'resolve' | 'content';

export interface HubRequest {
	readonly kind: Kind;
	readonly url: string;
	readonly range: string | undefined;
	readonly authorization: string | undefined;
}

/** What answers a request in place of the hub; `content` is what a request for a content would get. */
export type Answer = (response: ServerResponse, request: HubRequest, content: Buffer) => void;

export interface RepoFiles {
	readonly [path: string]: Buffer;
}

const sha = (kind: 'sha1' | 'sha256', ...parts: Array<string | Buffer>) => {
	const hash = createHash(kind);
	for (const part of parts) hash.update(part);
	return hash.digest('hex');
};

export const sha256 = (content: Buffer): string => sha('sha256', content);

/** As the hub does, it keeps what is small in Git itself. */
const isLarge = (content: Buffer) => content.length >= 1000;

export const gitId = (content: Buffer): string => sha('sha1', `blob ${content.length}\0`, content);

/**
 * A Hugging Face Hub on the loopback interface, and the network that delivers its large files, on another port: the
 * routes, headers and errors are those of the real one.
 */
export class TestHub {
	readonly requests: HubRequest[] = [];
	/** How many entries a page of a listing has. */
	pageSize = 1000;
	/** What a listing says of a file in place of its size. */
	readonly listedBytes = new Map<string, number>();
	readonly #repos = new Map<string, { commits: Map<string, RepoFiles>; revisions: Map<string, string> }>();
	readonly #answers = new Map<Kind, Answer[]>();
	readonly #always = new Map<Kind, Answer>();
	readonly #servers: Server[] = [];
	endpoint = '';
	delivery = '';

	static async start(): Promise<TestHub> {
		const hub = new TestHub();
		const listen = async (handle: (request: IncomingMessage, response: ServerResponse) => void) => {
			const server = createServer(handle);
			hub.#servers.push(server);
			await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
			return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		};
		hub.endpoint = await listen((request, response) => hub.#serve(request, response));
		hub.delivery = await listen((request, response) => hub.#deliver(request, response));
		return hub;
	}

	/** Puts a commit on a branch, and gives its id. */
	commit(repo: string, files: RepoFiles, branch = 'main'): string {
		const known = this.#repos.get(repo) ?? { commits: new Map(), revisions: new Map() };
		this.#repos.set(repo, known);
		const id = sha('sha1', repo, branch, ...Object.entries(files).flat());
		known.commits.set(id, files);
		known.revisions.set(branch, id);
		return id;
	}

	/** The next requests of a kind get these answers, one each. */
	next(kind: Kind, ...answers: Answer[]): void {
		this.#answers.set(kind, [...(this.#answers.get(kind) ?? []), ...answers]);
	}

	always(kind: Kind, answer: Answer): void {
		this.#always.set(kind, answer);
	}

	/** Takes back what `next`, `always` and others have changed. */
	reset(): void {
		this.requests.length = 0;
		this.#answers.clear();
		this.#always.clear();
		this.listedBytes.clear();
		this.pageSize = 1000;
	}

	asked(kind: Kind): HubRequest[] {
		return this.requests.filter((request) => request.kind === kind);
	}

	async stop(): Promise<void> {
		for (const server of this.#servers) {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		}
	}

	#serve(message: IncomingMessage, response: ServerResponse): unknown {
		const url = new URL(message.url ?? '', this.endpoint);
		const api = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/.exec(url.pathname);
		const resolve = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
		const kind = (api?.[2] ?? 'resolve') as Kind;
		const answer = this.#note(kind, message);
		const repo = this.#repos.get(api?.[1] ?? resolve?.[1] ?? '');
		const revision = decodeURIComponent(api?.[3] ?? resolve?.[2] ?? '');
		if (answer) return answer(response, this.requests.at(-1) as HubRequest, Buffer.alloc(0));
		// Whoever is nobody is not told whether a repository exists.
		if (!repo && message.headers.authorization === undefined)
			return refuses(401, 'RepoNotFound', 'Invalid username or password.')(response);
		if (!repo) return refuses(404, 'RepoNotFound', 'Repository not found')(response);
		const commit = repo.revisions.get(revision) ?? revision;
		const files = repo.commits.get(commit);
		if (!files) return refuses(404, 'RevisionNotFound', `Invalid rev id: ${revision}`)(response);
		if (kind === 'revision')
			return json(response, {
				_id: '621ffdc036468d709f17434d',
				id: api?.[1],
				sha: commit,
				private: false,
				gated: false,
				downloads: 5,
				likes: 1,
				lastModified: '2026-01-01T00:00:00.000Z',
			});
		if (kind === 'tree') return this.#list(response, url, files);
		const path = decodeURIComponent(resolve?.[3] ?? '');
		const content = files[path];
		if (!content) return refuses(404, 'EntryNotFound', 'Entry not found')(response);
		response.setHeader('x-repo-commit', commit);
		if (!isLarge(content)) return sends(content)(response, this.requests.at(-1) as HubRequest, content);
		response.writeHead(302, {
			location: `${this.delivery}/${resolve?.[1]}/${commit}/${path}?Signature=abc`,
			'x-linked-etag': `"${sha256(content)}"`,
			'x-linked-size': String(content.length),
			'accept-ranges': 'bytes',
		});
		return response.end('Found. Redirecting');
	}

	#list(response: ServerResponse, url: URL, files: RepoFiles): void {
		const start = Number(url.searchParams.get('cursor') ?? 0);
		const folders = new Set(
			Object.keys(files).flatMap((path) => path.split('/').slice(0, -1).join('/') || []),
		);
		const entries = [
			...[...folders].map((path) => ({ type: 'directory', oid: gitId(Buffer.from(path)), size: 0, path })),
			...Object.entries(files).map(([path, content]) => this.#entry(path, content)),
		];
		if (start + this.pageSize < entries.length) {
			url.searchParams.set('cursor', String(start + this.pageSize));
			response.setHeader('link', `<${url.href}>; rel="next"`);
		}
		json(response, entries.slice(start, start + this.pageSize));
	}

	#entry(path: string, content: Buffer) {
		const size = this.listedBytes.get(path) ?? content.length;
		const lfs = { oid: sha256(content), size, pointerSize: 134 };
		return { type: 'file', oid: gitId(content), size, path, ...(isLarge(content) && { lfs }) };
	}

	#deliver(message: IncomingMessage, response: ServerResponse): void {
		const answer = this.#note('content', message);
		const [, owner, name, commit = '', ...path] = new URL(message.url ?? '', this.delivery).pathname.split(
			'/',
		);
		const files = this.#repos.get(`${owner}/${name}`)?.commits.get(commit);
		const content = files?.[path.join('/')] ?? Buffer.alloc(0);
		(answer ?? sends(content))(response, this.requests.at(-1) as HubRequest, content);
	}

	#note(kind: Kind, { url = '', headers }: IncomingMessage): Answer | undefined {
		this.requests.push({ kind, url, range: headers.range, authorization: headers.authorization });
		return this.#answers.get(kind)?.shift() ?? this.#always.get(kind);
	}
}

function json(response: ServerResponse, value: unknown): void {
	response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
	response.end(JSON.stringify(value));
}

/** The range that a request asks for; the whole content where it asks for none. */
function rangeOf({ range }: HubRequest, bytes: number): { start: number; end: number } {
	const [, start = '0', end = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
	return { start: Number(start), end: Math.min(end === '' ? bytes : Number(end) + 1, bytes) };
}

function head(
	response: ServerResponse,
	request: HubRequest,
	bytes: number,
): { start: number; end: number } | null {
	const { start, end } = rangeOf(request, bytes);
	if (start >= bytes && request.range !== undefined) {
		response.writeHead(416, { 'content-range': `bytes */${bytes}` }).end();
		return null;
	}
	const ranged = request.range !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${bytes}` };
	response.writeHead(ranged ? 206 : 200, {
		'content-length': end - start,
		'accept-ranges': 'bytes',
		...ranged,
	});
	return { start, end };
}

/** Sends this content, or the range of it that is asked for. */
export const sends =
	(content: Buffer): Answer =>
	(response, request) => {
		const range = head(response, request, content.length);
		if (range) response.end(content.subarray(range.start, range.end));
	};

/** Sends so many bytes of the range and cuts the connection. */
export const breaksOffAfter =
	(bytes: number): Answer =>
	(response, request, content) => {
		const range = head(response, request, content.length);
		if (range) response.write(content.subarray(range.start, range.start + bytes), () => response.destroy());
	};

/** Sends so many bytes of the range and no more, and keeps the connection. */
export const fallsSilentAfter =
	(bytes: number): Answer =>
	(response, request, content) => {
		const range = head(response, request, content.length);
		if (range) response.write(content.subarray(range.start, range.start + bytes));
	};

/** Sends so many bytes of the content as if that were all, without a length. */
export const truncatesTo =
	(bytes: number): Answer =>
	(response, _, content) => {
		response.writeHead(200, { 'transfer-encoding': 'chunked' });
		response.end(content.subarray(0, bytes));
	};

/** Sends the whole content, whatever range is asked for. */
export const knowsNoRanges: Answer = (response, _, content) => {
	response.writeHead(200, { 'content-length': content.length });
	response.end(content);
};

/** Refuses as the hub does. */
export const refuses =
	(status: number, code?: string, message = 'refused', headers: Record<string, string> = {}) =>
	(response: ServerResponse): void => {
		response.writeHead(status, {
			'content-type': 'application/json; charset=utf-8',
			...(code !== undefined && { 'x-error-code': code, 'x-error-message': message }),
			...headers,
		});
		response.end(JSON.stringify({ error: message }));
	};

export const hangs: Answer = () => {};

export const redirectsInCircles: Answer = (response, { url }) => {
	response.writeHead(302, { location: url }).end();
};
