import { type Check, invalid } from '../../options.js';
import type { SayOptions } from '../step-context.js';

/** The session checks them by name when they are used. */
export const sayOptions: Check<SayOptions> = (value, name) => {
	if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
	throw invalid('an object of generation options', name, value);
};

/** For several answers to one question, which should differ. */
export const diverse: SayOptions = { temperature: 0.8 };
