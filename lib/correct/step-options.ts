import { type Check, object } from '../options.js';
import type { ReplyOptions } from '../tools/reply-options.js';

/** How one step generates. The budgets and the signal of the run come on top. */
export type StepOptions = Omit<ReplyOptions, 'signal' | 'onPrefill'>;

/** Checks that `value` is an object; the session checks the options by name when they are used. */
export const stepOptions: Check<StepOptions> = object('an object of generation options');

/** How several answers to one question generate, which should differ. */
export const diverse: StepOptions = { temperature: 0.8 };
