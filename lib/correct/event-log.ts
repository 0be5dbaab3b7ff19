import { type ChatMessage, splitBegun } from '../chat-message.js';
import { RepriseError } from '../errors.js';
import { describe } from '../options.js';
import {
	type Answer,
	type CorrectionEvent,
	type Judgement,
	type ResultEvent,
	type StepEvent,
	type StopReason,
	toAnswer,
} from './events.js';
import { isSameMessage } from './parts.js';

/** A run's events: those of an earlier part of it, which answer its steps once more, and the new ones. */
export class EventLog {
	readonly events: CorrectionEvent[];
	/** Why there is no further round; the last reason counts. */
	stoppedBy: StopReason = 'done';
	readonly #earlier: Map<string, StepEvent>;
	readonly #answers: Answer[] = [];
	readonly #judgements = new Map<string, Judgement>();
	readonly #onEvent: (event: CorrectionEvent) => void;

	constructor(log: readonly CorrectionEvent[], onEvent: (event: CorrectionEvent) => void) {
		this.events = log.filter((event) => event.type !== 'result' || event.stoppedBy !== 'aborted');
		this.#earlier = new Map(
			log.filter((event) => event.type !== 'result').map((event) => [event.key, event]),
		);
		this.#onEvent = onEvent;
	}

	/** The milliseconds from the start of the run to the last earlier event. */
	get lastAtMs(): number {
		return this.events.reduce((last, { atMs: at }) => Math.max(last, at), 0);
	}

	/** The result, where the earlier part came to its end. */
	get result(): ResultEvent | undefined {
		return this.events.find((event) => event.type === 'result');
	}

	/** The answers so far. */
	get answers(): readonly Answer[] {
		return this.#answers;
	}

	judgementOf = ({ key }: { readonly key: string }): Judgement | undefined => this.#judgements.get(key);

	/**
	 * Gives what the step gave in the earlier part. Throws `LOG_MISMATCH` where that was another kind of step.
	 */
	recall<T extends StepEvent['type']>(key: string, type: T): Extract<StepEvent, { type: T }> | undefined {
		const event = this.#earlier.get(key);
		if (!event) return undefined;
		if (event.type !== type)
			throw new RepriseError(
				'LOG_MISMATCH',
				`The log has the ${event.type} ${key} where the strategy has a step ${type}; resume with the strategy that wrote it`,
			);
		this.#remember(event);
		return event as Extract<StepEvent, { type: T }>;
	}

	/** Throws `LOG_MISMATCH` where the statement `key` of the earlier part was a reply to other messages. */
	requirePrompt(key: string, messages: readonly ChatMessage[]): void {
		const event = this.#earlier.get(key);
		if (!event || !('prompt' in event)) return;
		const { asked } = splitBegun(messages);
		const differs = asked.findIndex((message, index) => !isSameMessage(message, event.prompt[index]));
		if (differs < 0 && event.prompt.length === asked.length) return;
		const at = differs < 0 ? asked.length : differs;
		const shown = (message: ChatMessage | undefined) => describe(message?.content);
		throw new RepriseError(
			'LOG_MISMATCH',
			`The log has the ${event.type} ${key} to other messages: message ${at + 1} is ${shown(event.prompt[at])}, not ${shown(asked[at])}; resume with the task and the options that it was written with`,
		);
	}

	record(event: CorrectionEvent): void {
		this.events.push(event);
		if (event.type !== 'result') this.#remember(event);
		this.#onEvent(event);
	}

	#remember(event: StepEvent): void {
		if (event.type === 'attempt' || event.type === 'revision') this.#answers.push(toAnswer(event));
		if (event.type === 'decision') this.stoppedBy = event.reason ?? 'done';
		if (event.type === 'verdict' && event.about === undefined)
			this.#judgements.set(event.of, event.judgement);
	}
}
