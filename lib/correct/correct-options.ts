import { type TemplateOptions, templateChecks } from '../chat.js';
import {
	abortSignal,
	type Check,
	callback,
	invalid,
	number,
	object,
	oneOf,
	optional,
	readOptions,
	text,
	withDefault,
} from '../options.js';
import { type Budget, readBudget } from './budget.js';
import type { CorrectionEvent } from './events.js';
import type { OnChunk } from './step-context.js';
import { type StepOptions, stepOptions } from './step-options.js';
import type { StoppingRule } from './stopping.js';
import type { Strategy } from './strategy.js';
import type { Task, Verifier } from './verifier.js';

/** The options of {@link correct}. */
export interface CorrectOptions {
	/** Judges answers from outside. Default: the strategy's own way, where it has one. */
	verifier?: Verifier;
	/** Milliseconds a verdict may take. Default: 30,000. */
	verifierTimeoutMs?: number;
	/**
	 * What a verifier that throws, takes too long or returns no verdict means: 'continue' takes it for no
	 * verdict, with the fault in the log; 'throw' rejects with `VERIFIER_FAILED`. Default: 'continue'.
	 */
	onFault?: 'continue' | 'throw';
	/** What the run may spend. Default: as much as the strategy takes. */
	budget?: Budget;
	/** When another round is not worth it. Default: `whenBudgetEnds` with a verifier, else `whenUnchanged`. */
	stopWhen?: StoppingRule;
	/** A system message. Default: none. */
	system?: string;
	/** The chat template and its variables, as `session.chat` takes them. Default: the model's own. */
	chat?: TemplateOptions;
	/**
	 * How every step generates that does not say otherwise; each draws from a seed of its own, made of this
	 * one.
	 */
	generate?: StepOptions;
	/** The events of an earlier part of the same run, to go on from. Its budgets count them in. */
	log?: readonly CorrectionEvent[];
	/** Called with what is generated, as it comes. Default: none. */
	onChunk?: OnChunk;
	/** Ends the run: it resolves with the best answer so far, stopped by 'aborted'. */
	signal?: AbortSignal;
}

/** Milliseconds. */
export const defaultVerifierTimeoutMs = 30_000;

const templateOptions: Check<TemplateOptions> = (value, name) => {
	readOptions(templateChecks, value, name);
	return (value ?? {}) as TemplateOptions;
};

const events: Check<readonly CorrectionEvent[]> = (value, name) => {
	if (Array.isArray(value)) return value;
	throw invalid('an array of events', name, value);
};

export const correctChecks = {
	verifier: optional(callback<Verifier>()),
	verifierTimeoutMs: withDefault(number(1, 2 ** 31 - 1), defaultVerifierTimeoutMs),
	onFault: withDefault(oneOf('continue', 'throw'), 'continue'),
	budget: readBudget,
	stopWhen: optional(callback<StoppingRule>()),
	system: optional(text),
	generate: withDefault(stepOptions, {}),
	chat: templateOptions,
	log: withDefault(events, []),
	onChunk: optional(callback<OnChunk>()),
	signal: optional(abortSignal),
} satisfies Record<keyof CorrectOptions, Check<unknown>>;

export const taskCheck: Check<Task> = (value, name) => {
	const task = object()(value, name);
	text(task.id, `${name}.id`);
	text(task.prompt, `${name}.prompt`);
	optional(text)(task.answer, `${name}.answer`);
	return value as Task;
};

export const strategyCheck: Check<Strategy> = (value, name) => {
	if (typeof value === 'object' && value !== null && 'run' in value && 'replaced' in value)
		return value as Strategy;
	throw invalid('a strategy, such as verifierGuided(),', name, value);
};
