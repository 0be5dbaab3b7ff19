import type { FinishReason } from '../addon.js';
import type { ChatMessage } from '../chat-message.js';

import type { Cost } from './cost.js';
import type { Verdict } from './verifier.js';

/** What a model, or a user's step, said. */
export interface Reply {
	/** What was asked, the whole conversation before it. */
	readonly prompt: readonly ChatMessage[];
	readonly text: string;
	readonly finishReason: FinishReason;
	/** Whether a budget ended it early. */
	readonly cut: boolean;
}

/** Why a verifier gave no verdict. */
export interface Fault {
	readonly outcome: 'none';
	readonly fault: 'threw' | 'timeout' | 'invalid';
	readonly message: string;
}

/** A verdict, or that there is none: a fault of the verifier says nothing about the answer. */
export type Judgement = Verdict | Fault;

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
	/** Where in the strategy it stands: the same in every run, which is what resuming goes by. */
	readonly key: string;
	/** From 1 on. Each revision gives another round's answer; a critique belongs to the round it prepares. */
	readonly round: number;
	/** Milliseconds from the start of the run to the end of the step, and of the step itself. */
	readonly atMs: number;
	readonly durationMs: number;
	/** Of everything generated in the step. */
	readonly cost: Cost;
}

export interface ReplyEvent extends Step, Reply {
	readonly type: 'attempt' | 'critique' | 'revision';
}

export interface VerdictEvent extends Step {
	readonly type: 'verdict';
	/** The key of the answer it is about. */
	readonly of: string;
	/** The part of the task or of the answer in question; absent for the whole. */
	readonly about?: string;
	readonly judgement: Judgement;
}

/** Which of several answers is the best so far. */
export interface ChoiceEvent extends Step {
	readonly type: 'choice';
	/** The keys of the answers to choose from, and the chosen one. */
	readonly from: readonly string[];
	readonly chosen: string;
	readonly reason: string;
}

/** Whether another round was worth it. */
export interface DecisionEvent extends Step {
	readonly type: 'decision';
	readonly another: boolean;
	/** Why not. */
	readonly reason?: StopReason;
}

export interface ResultEvent {
	readonly type: 'result';
	/** The key of the final answer; empty where there is none. */
	readonly chosen: string;
	readonly answer: string;
	readonly round: number;
	readonly stoppedBy: StopReason;
	readonly atMs: number;
}

export type StepEvent = ReplyEvent | VerdictEvent | ChoiceEvent | DecisionEvent;

/** What happened in a run, in the order in which it ended; plain JSON, and what a run is resumed from. */
export type CorrectionEvent = StepEvent | ResultEvent;

/** A statement of a run, such as an answer that may be judged and revised. */
export interface Answer extends Reply {
	readonly type: ReplyEvent['type'];
	readonly key: string;
	readonly round: number;
	/** `prompt` and the statement. */
	readonly messages: readonly ChatMessage[];
}

export function toAnswer({ type, key, round, prompt, text, finishReason, cut }: ReplyEvent): Answer {
	const messages: ChatMessage[] = [...prompt, { role: 'assistant', content: text }];
	return { type, key, round, prompt, text, finishReason, cut, messages };
}
