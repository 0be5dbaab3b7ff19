import type { ReplyOptions } from '../chat.js';
import { type Check, object } from '../options.js';

/** Options of one generation; the run's budgets and its signal come on top. */
export type StepOptions = Omit<ReplyOptions, 'signal' | 'onPrefill'>;

/** The session checks them by name when they are used. */
export const stepOptions: Check<StepOptions> = object('an object of generation options');

/** For several answers to one question, which should differ. */
export const diverse: StepOptions = { temperature: 0.8 };
