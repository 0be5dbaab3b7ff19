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
	/** How sessions are made, as by `model.createSession`; a signal ends their making. Default: none. */
	session?: CreateSessionOptions;
	/**
	 * How many conversations of a model are kept in memory and computed at the same time, 1…256, each in a session of
	 * its own, which is made when it is needed. Calls beyond that wait. Default: 4.
	 */
	maxSessions?: number;
}

const checks = optionsOf('createReprise', {
	...templateChecks,
	// What is in them is checked where it is used.
	load: optional(object() as Check<LoadModelOptions>),
	session: optional(object() as Check<CreateSessionOptions>),
	maxSessions: withDefault(integer(1, 256), 4),
} satisfies Record<keyof RepriseProviderSettings, Check<unknown>>);

/** The settings that a provider works by. Throws `OPTION_INVALID`. */
export function readSettings(given: RepriseProviderSettings | undefined) {
	const { load, session, maxSessions, template, templateVariables } = readOptions(
		checks,
		given,
		'createReprise',
	);
	const chat: TemplateOptions = {
		...(template !== undefined && { template }),
		...(templateVariables !== undefined && { templateVariables }),
	};
	return { load, session, maxSessions, chat };
}

export type ReadSettings = ReturnType<typeof readSettings>;
