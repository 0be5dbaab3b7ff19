import type { DraftSource } from '../addon.js';
import type { Admission } from '../conversations/admission.js';
import type { Metrics } from '../metrics.js';
import type { PrefillResult } from '../prefill.js';
import { type Registry, servePackages } from './serve-packages.js';

/** What `/metrics` tells in the format of Prometheus. */
export class ServerMetrics {
	readonly #registry: Registry;
	readonly #requests;
	readonly #promptTokens;
	readonly #cachedTokens;
	readonly #generatedTokens;
	readonly #passes;
	readonly #drafted;
	readonly #accepted;
	readonly #firstToken;
	readonly #duration;

	/** @param admission - Whose running and waiting requests are told. */
	constructor(admission: Admission) {
		const { Counter, Gauge, Histogram, Registry } = servePackages();
		const registry = new Registry();
		this.#registry = registry;
		const registers = [registry];
		const counter = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
			new Counter<T>({ name: `reprise_${name}`, help, labelNames, registers });
		const seconds = (name: string, help: string) =>
			new Histogram({ name: `reprise_${name}`, help, registers, buckets: secondBuckets });
		this.#requests = counter('requests_total', 'Requests that were answered, by route and status', [
			'route',
			'status',
		]);
		this.#promptTokens = counter('prompt_tokens_total', 'Tokens of prompts');
		this.#cachedTokens = counter(
			'prompt_tokens_cached_total',
			'Tokens of prompts that the cache held already',
		);
		this.#generatedTokens = counter('generated_tokens_total', 'Tokens that were generated');
		this.#passes = counter('passes_total', 'Verify passes');
		this.#drafted = counter('drafted_tokens_total', 'Draft tokens put before the model, by source', [
			'source',
		]);
		this.#accepted = counter('accepted_tokens_total', 'Draft tokens that the model accepted, by source', [
			'source',
		]);
		this.#firstToken = seconds(
			'time_to_first_token_seconds',
			'From the turn of a request to its first token',
		);
		this.#duration = seconds('request_seconds', 'From the arrival of a request to the end of its answer');
		const gauge = (name: string, help: string, read: () => number) =>
			new Gauge({
				name: `reprise_${name}`,
				help,
				registers,
				collect() {
					this.set(read());
				},
			});
		gauge('replies_running', 'Replies that are generated', () => admission.running);
		gauge('requests_waiting', 'Requests that wait for their turn', () => admission.waiting);
	}

	countPrompt({ promptTokens, reusedTokens }: PrefillResult): void {
		this.#promptTokens.inc(promptTokens);
		this.#cachedTokens.inc(reusedTokens);
	}

	countReply(metrics: Metrics): void {
		this.#generatedTokens.inc(metrics.outputTokens);
		this.#passes.inc(metrics.passes);
		for (const [source, tokens] of Object.entries(metrics.draftedBySource) as Array<[DraftSource, number]>) {
			this.#drafted.inc({ source }, tokens);
			this.#accepted.inc({ source }, metrics.acceptedBySource[source]);
		}
		this.#firstToken.observe(metrics.timeToFirstTokenMs / 1000);
	}

	countRequest(route: string, status: number, milliseconds?: number): void {
		this.#requests.inc({ route, status: String(status) });
		if (milliseconds !== undefined) this.#duration.observe(milliseconds / 1000);
	}

	/** The type of the text, and the text. */
	async text(): Promise<{ readonly type: string; readonly text: string }> {
		return { type: this.#registry.contentType, text: await this.#registry.metrics() };
	}
}

const secondBuckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300];
