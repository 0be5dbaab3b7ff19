import type { FinishReason } from '../addon.js';
import type { ChatMessage } from '../chat-message.js';

import type { Cost } from './cost.js';
import type { Verdict } from './verifier.js';

/** What a model, or a step of the user, replied. */
export interface Reply {
	/** The conversation that was replied to. */
	readonly prompt: readonly ChatMessage[];
	/** The text of the reply. */
	readonly text: string;
	/** Why its generation ended; `end` for a text of a step of the user. */
	readonly finishReason: FinishReason;
	/** Whether a budget ended it early. */
	readonly cut: boolean;
}

/** Why there is no verdict. */
export interface Fault {
	/** A fault is told from a verdict by this. */
	readonly outcome: 'none';
	/** The verifier `threw`, took too long (`timeout`), or gave something that is no verdict (`invalid`). */
	readonly fault: 'threw' | 'timeout' | 'invalid';
	/** What happened, in words. */
	readonly message: string;
}

/** A verdict, or that there is none: a fault of the verifier says nothing about the answer. */
export type Judgement = Verdict | Fault;

/** Why a run ended. */
export type StopReason =
	/** The strategy came to its end. */
	| 'done'
	/** The answer is the same as the one before. */
	| 'unchanged'
	/** Another round is not expected to help. */
	| 'not-worth-it'
	/** A budget was spent. */
	| 'rounds'
	| 'tokens'
	| 'time'
	/** The conversation has no room in the context. */
	| 'context'
	/** The caller ended it. */
	| 'aborted';

interface Step {
	/** Where in the strategy the step stands. It is the same in every run, and a run is resumed by it. */
	readonly key: string;
	/**
	 * The round, from 1 on. Each revision gives the answer of another round; a critique belongs to the round
	 * that it prepares.
	 */
	readonly round: number;
	/** The milliseconds from the start of the run to the end of the step. */
	readonly atMs: number;
	/** The milliseconds that the step took. */
	readonly durationMs: number;
	/** What all generations of the step cost. */
	readonly cost: Cost;
}

/** A reply was made. */
export interface ReplyEvent extends Step, Reply {
	/**
	 * An answer (`attempt`), what was written about one (`critique`), or another answer made from it
	 * (`revision`).
	 */
	readonly type: 'attempt' | 'critique' | 'revision';
}

/** An answer was judged. */
export interface VerdictEvent extends Step {
	/** The kind of event. */
	readonly type: 'verdict';
	/** The key of the answer that was judged. */
	readonly of: string;
	/** The part of the task or of the answer that was judged; absent where it was the whole answer. */
	readonly about?: string;
	/** The verdict, or why there is none. */
	readonly judgement: Judgement;
}

/** One of several answers was chosen as the best so far. */
export interface ChoiceEvent extends Step {
	/** The kind of event. */
	readonly type: 'choice';
	/** The keys of the answers to choose from. */
	readonly from: readonly string[];
	/** The key of the chosen answer. */
	readonly chosen: string;
	/** Why it was chosen, in words. */
	readonly reason: string;
}

/** It was decided whether there is another round. */
export interface DecisionEvent extends Step {
	/** The kind of event. */
	readonly type: 'decision';
	/** Whether there is another round. */
	readonly another: boolean;
	/** Why there is none; absent where there is one. */
	readonly reason?: StopReason;
}

/** The run ended; this is its last event. */
export interface ResultEvent {
	/** The kind of event. */
	readonly type: 'result';
	/** The key of the final answer; empty where there is none. */
	readonly chosen: string;
	/** The text of the final answer; empty where there is none. */
	readonly answer: string;
	/** The round that gave the final answer; 0 where there is none. */
	readonly round: number;
	/** Why the run ended. */
	readonly stoppedBy: StopReason;
	/** The milliseconds that the whole run took. */
	readonly atMs: number;
}

/** What happened in one step of a run. */
export type StepEvent = ReplyEvent | VerdictEvent | ChoiceEvent | DecisionEvent;

/**
 * What happened in a run. Events come in the order in which steps end; they are plain JSON, and a run is
 * resumed from them.
 */
export type CorrectionEvent = StepEvent | ResultEvent;

/** A reply of a run, such as an answer that may be judged and revised. */
export interface Answer extends Reply {
	/** The kind of step that made it. */
	readonly type: ReplyEvent['type'];
	/** Where in the strategy that step stands. */
	readonly key: string;
	/** The round that it belongs to, from 1 on. */
	readonly round: number;
	/** The prompt and the reply as one conversation. */
	readonly messages: readonly ChatMessage[];
}

export function toAnswer({ type, key, round, prompt, text, finishReason, cut }: ReplyEvent): Answer {
	const messages: ChatMessage[] = [...prompt, { role: 'assistant', content: text }];
	return { type, key, round, prompt, text, finishReason, cut, messages };
}
