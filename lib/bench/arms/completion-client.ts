import { Agent, request } from 'node:http';
import { type Completion, readCompletion, readTokens } from './completion.js';
import { printable } from './last-words.js';

/** A request of `/completion`, as llama-server and its relatives take it. */
export interface CompletionRequest {
	readonly prompt: readonly number[];
	readonly tokens: number;
	/** What the server takes as its choices (bench/peers/recorded-answers.patch); null where the model chooses. */
	readonly recorded: readonly number[] | null;
}

/** Speaks with one server over one connection. Rejects where it is gone or answers with an error. */
export class CompletionClient {
	readonly #port: number;
	readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

	constructor(port: number) {
		this.#port = port;
	}

	async isReady(): Promise<boolean> {
		try {
			return (await this.#ask('GET', '/health')).status === 200;
		} catch {
			return false;
		}
	}

	/** The answer, and the milliseconds from the request to the end of the answer. */
	async complete(asked: CompletionRequest): Promise<{ completion: Completion; totalMs: number }> {
		const body = JSON.stringify({
			prompt: asked.prompt,
			n_predict: asked.tokens,
			// The cheapest way to a greedy choice that the server has.
			...{ temperature: 0, samplers: ['temperature'] },
			...{ cache_prompt: false, return_tokens: true, stream: false },
			...(asked.recorded ? { recorded: asked.recorded } : {}),
		});
		const began = performance.now();
		const text = await this.#expect('/completion', body);
		return { totalMs: performance.now() - began, completion: readCompletion(text) };
	}

	async tokenize(content: string): Promise<readonly number[]> {
		const text = await this.#expect('/tokenize', JSON.stringify({ content, add_special: false }));
		return readTokens(text);
	}

	close(): void {
		this.#agent.destroy();
	}

	async #expect(path: string, body: string): Promise<string> {
		const { status, text } = await this.#ask('POST', path, body);
		if (status !== 200)
			throw new Error(`The server answered ${path} with ${status}: ${printable(text.slice(0, 500))}`);
		return text;
	}

	/** `fetch` gives up after five minutes without an answer, which a long prompt takes on a slow machine. */
	async #ask(method: string, path: string, body = ''): Promise<{ status: number; text: string }> {
		return new Promise((resolve, reject) => {
			const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
			const place = { host: '127.0.0.1', port: this.#port, path };
			const asked = request({ ...place, method, headers, agent: this.#agent }, (response) => {
				const parts: Buffer[] = [];
				response.on('data', (part: Buffer) => parts.push(part));
				response.on('error', reject);
				response.on('end', () =>
					resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
				);
			});
			asked.on('error', reject);
			asked.end(body);
		});
	}
}
