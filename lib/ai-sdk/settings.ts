import { type TemplateOptions, templateChecks } from '../chat.js';
import type { LoadModelOptions } from '../load-options.js';
import { type Check, integer, object, optional, optionsOf, readOptions, withDefault } from '../options.js';
import type { CreateSessionOptions } from '../session-options.js';

/** How a provider loads models and makes their sessions. */
export interface RepriseProviderSettings extends TemplateOptions {
	/**
	 * How models are loaded that are given by a path or a name, as by `loadModel`; a signal ends all loading. Default:
	 * none.
	 */
	load?: LoadModelOptions;
	/** How a model's session is made, as by `model.createSession`; a signal ends its making. Default: none. */
	session?: CreateSessionOptions;
	/** How many texts of a model are generated at the same time, 1…64. Calls beyond that wait. Default: 4. */
	parallel?: number;
	/**
	 * How many conversations of a model are kept for their next turn, 0…64. They share the context of one session with
	 * all that is generated: where it has no room, those used longest ago give way. Default: 8.
	 */
	keep?: number;
}

const checks = optionsOf('createReprise', {
	...templateChecks,
	// What is in them is checked where it is used.
	load: optional(object() as Check<LoadModelOptions>),
	session: optional(object() as Check<CreateSessionOptions>),
	parallel: withDefault(integer(1, 64), 4),
	keep: withDefault(integer(0, 64), 8),
} satisfies Record<keyof RepriseProviderSettings, Check<unknown>>);

/** The settings that a provider works by. Throws `OPTION_INVALID`. */
export function readSettings(given: RepriseProviderSettings | undefined) {
	const { load, session, parallel, keep, template, templateVariables } = readOptions(
		checks,
		given,
		'createReprise',
	);
	const chat: TemplateOptions = {
		...(template !== undefined && { template }),
		...(templateVariables !== undefined && { templateVariables }),
	};
	return { load, session, parallel, keep, chat };
}

export type ReadSettings = ReturnType<typeof readSettings>;
