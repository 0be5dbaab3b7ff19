import type { ReplyOptions } from '../chat.js';
import { type Check, invalid } from '../options.js';

/** Options of one generation; the run's budgets and its signal come on top. */
export type StepOptions = Omit<ReplyOptions, 'signal' | 'onPrefill'>;

/** The session checks them by name when they are used. */
export const stepOptions: Check<StepOptions> = (value, name) => {
	if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
	throw invalid('an object of generation options', name, value);
};

/** For several answers to one question, which should differ. */
export const diverse: StepOptions = { temperature: 0.8 };
