import { type TemplateOptions, templateChecks } from '../chat.js';
import { imageInput } from '../image-input.js';
import {
	abortSignal,
	type Check,
	callback,
	invalid,
	listOf,
	number,
	object,
	oneOf,
	optional,
	optionsOf,
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

/** How a task is corrected. */
export interface CorrectOptions {
	/** What judges answers from outside. Default: the strategy's own way, where it has one. */
	verifier?: Verifier;
	/** The milliseconds that a verdict may take. Default: 30,000. */
	verifierTimeoutMs?: number;
	/**
	 * What a verifier means that throws, takes too long or returns no verdict. With 'continue' there is no
	 * verdict on that answer, and the events have the fault; with 'throw' the run rejects with
	 * `VERIFIER_FAILED`. Default: 'continue'.
	 */
	onFault?: 'continue' | 'throw';
	/** The bounds of the run. Default: four rounds. */
	budget?: Budget;
	/**
	 * The rule by which another round is not worth it. Default: `whenBudgetEnds` with a verifier, else
	 * `whenUnchanged`.
	 */
	stopWhen?: StoppingRule;
	/** A system message that comes before the task. Default: none. */
	system?: string;
	/** The chat template and its variables, as `session.chat` takes them. Default: the model's own. */
	chat?: TemplateOptions;
	/**
	 * How every step generates that has no options of its own. Each step draws from a seed that is made of this
	 * one. Default: the defaults of `session.generate`.
	 */
	generate?: StepOptions;
	/**
	 * The events of an earlier part of the same run, which goes on from there. Its budgets count them in.
	 * Default: none.
	 */
	log?: readonly CorrectionEvent[];
	/** This function is called with every part of a text as it comes. Default: none. */
	onChunk?: OnChunk;
	/**
	 * A signal that ends the run: it resolves with the best answer so far, stopped by 'aborted'. Default: none.
	 */
	signal?: AbortSignal;
}

/** The milliseconds that a verdict may take where no option says so. */
export const defaultVerifierTimeoutMs = 30_000;

const templateOptions: Check<TemplateOptions> = (value, name) => {
	readOptions(templateChecks, value, name);
	return (value ?? {}) as TemplateOptions;
};

const events: Check<readonly CorrectionEvent[]> = (value, name) => {
	if (Array.isArray(value)) return value;
	throw invalid('an array of events', name, value);
};

export const correctChecks = optionsOf('correct', {
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
} satisfies Record<keyof CorrectOptions, Check<unknown>>);

export const taskCheck: Check<Task> = (value, name) => {
	const task = object()(value, name);
	text(task.id, `${name}.id`);
	text(task.prompt, `${name}.prompt`);
	optional(listOf(imageInput))(task.images, `${name}.images`);
	optional(text)(task.answer, `${name}.answer`);
	return value as Task;
};

export const strategyCheck: Check<Strategy> = (value, name) => {
	if (typeof value === 'object' && value !== null && 'run' in value && 'replaced' in value)
		return value as Strategy;
	throw invalid('a strategy, such as verifierGuided(),', name, value);
};
