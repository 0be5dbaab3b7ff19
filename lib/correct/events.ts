import type { FinishReason } from '../addon.js';
import type { ChatMessage } from '../chat-message.js';

import type { Cost } from './cost.js';
import type { Verdict } from './verifier.js';

/** What a model, or a user's step, said. */
export interface Reply {
	/** What was asked, the whole conversation before it. */
	readonly prompt: readonly ChatMessage[];
	/** The text of the reply, without what was its beginning in the prompt. */
	readonly text: string;
	/** Why the reply ended. */
	readonly finishReason: FinishReason;
	/** Whether a budget ended it early. */
	readonly cut: boolean;
}

/** Why a verifier gave no verdict. */
export interface Fault {
	/** Tells a fault from a verdict. */
	readonly outcome: 'none';
	/** Whether the verifier threw, took longer than `verifierTimeoutMs`, or returned no verdict. */
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
	/** Where in the strategy it stands: the same in every run, which is what resuming goes by. */
	readonly key: string;
	/** From 1 on. Each revision gives another round's answer; a critique belongs to the round it prepares. */
	readonly round: number;
	/** Milliseconds from the start of the run to the end of the step. */
	readonly atMs: number;
	/** Milliseconds that the step took. */
	readonly durationMs: number;
	/** Of everything generated in the step. */
	readonly cost: Cost;
}

export interface ReplyEvent extends Step, Reply {
	/** Which step of the strategy the reply is of. */
	readonly type: 'attempt' | 'critique' | 'revision';
}

/** What verifying found about an answer. */
export interface VerdictEvent extends Step {
	/** Tells it from other events. */
	readonly type: 'verdict';
	/** The key of the answer it is about. */
	readonly of: string;
	/** The part of the task or of the answer in question; absent for the whole. */
	readonly about?: string;
	/** The verdict, or why there is none. */
	readonly judgement: Judgement;
}

/** Which of several answers is the best so far. */
export interface ChoiceEvent extends Step {
	/** Tells it from other events. */
	readonly type: 'choice';
	/** The keys of the answers to choose from. */
	readonly from: readonly string[];
	/** The key of the chosen one. */
	readonly chosen: string;
	/** Why it was chosen, in words. */
	readonly reason: string;
}

/** Whether another round was worth it. */
export interface DecisionEvent extends Step {
	/** Tells it from other events. */
	readonly type: 'decision';
	/** Whether there is to be another round. */
	readonly another: boolean;
	/** Why not. */
	readonly reason?: StopReason;
}

/** How a run ended: its last event. */
export interface ResultEvent {
	/** Tells it from other events. */
	readonly type: 'result';
	/** The key of the final answer; empty where there is none. */
	readonly chosen: string;
	/** The final answer; empty where there is none. */
	readonly answer: string;
	/** The round that gave it; 0 where there is none. */
	readonly round: number;
	/** Why the run ended. */
	readonly stoppedBy: StopReason;
	/** Milliseconds from the start of the run to its end. */
	readonly atMs: number;
}

/** A step of a run: each has a key, a round, a time and a cost. */
export type StepEvent = ReplyEvent | VerdictEvent | ChoiceEvent | DecisionEvent;

/** What happened in a run, in the order in which it ended; plain JSON, and what a run is resumed from. */
export type CorrectionEvent = StepEvent | ResultEvent;

/** A statement of a run, such as an answer that may be judged and revised. */
export interface Answer extends Reply {
	/** Which step of the strategy it is of. */
	readonly type: ReplyEvent['type'];
	/** Where in the strategy it stands, which verdicts and choices name it by. */
	readonly key: string;
	/** From 1 on. */
	readonly round: number;
	/** `prompt` and the statement. */
	readonly messages: readonly ChatMessage[];
}

export function toAnswer({ type, key, round, prompt, text, finishReason, cut }: ReplyEvent): Answer {
	const messages: ChatMessage[] = [...prompt, { role: 'assistant', content: text }];
	return { type, key, round, prompt, text, finishReason, cut, messages };
}
