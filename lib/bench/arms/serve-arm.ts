import { isRepriseError, messageOf } from '../../errors.js';
import type { ArmOptions, ArmRun } from '../arm.js';
import type { Task } from '../task.js';

/** What an arm is told besides the options of all: anything that `structuredClone` takes. */
export type ArmSettings = Readonly<Record<string, string | number | boolean | null>>;

type StartOptions = Omit<ArmOptions, 'signal'>;

interface Started {
	readonly version: string;
	readonly settings: string;
	readonly cpuVariant: string | null;
}

/** What the parent asks, one thing at a time. */
export type Request =
	| { readonly start: { readonly options: StartOptions; readonly settings: ArmSettings } }
	| { readonly prepare: true }
	| { readonly run: Task }
	| { readonly nearTie: Int32Array };

export type Answer =
	| { readonly started: Started }
	| { readonly prepared: true }
	| { readonly ran: ArmRun }
	| { readonly nearTie: boolean }
	| { readonly failed: { readonly code: string | null; readonly message: string } };

/** The program of an arm. */
export interface ArmProgram<Settings extends ArmSettings> {
	/** Resolves when the first token of `firstPrompt` is there. */
	start(options: StartOptions, settings: Settings): Promise<Started>;
	/** As in `RunningArm`. */
	prepare?(): Promise<void>;
	run(task: Task): Promise<ArmRun>;
	/** As in `NodeArm`; missing where the program cannot say it. */
	isNearTie?(context: Int32Array): Promise<boolean>;
	stop(): Promise<void>;
}

/** In the process of an arm: does what the parent asks, and ends the process with the parent's. */
export function serveArm<Settings extends ArmSettings>(program: ArmProgram<Settings>): void {
	const answer = async (request: Request): Promise<Answer> => {
		if ('start' in request)
			return {
				started: await program.start(request.start.options, request.start.settings as Settings),
			};
		if ('prepare' in request) {
			await program.prepare?.();
			return { prepared: true };
		}
		if ('run' in request) return { ran: await program.run(request.run) };
		if (!program.isNearTie) throw new Error('This arm cannot say what a near-tie is');
		return { nearTie: await program.isNearTie(request.nearTie) };
	};
	process.on('message', async (request: Request) => {
		const said = await answer(request).catch((error: unknown) => ({
			failed: { code: isRepriseError(error) ? error.code : null, message: messageOf(error) },
		}));
		process.send?.(said);
	});
	process.once('disconnect', async () => {
		await program.stop().catch(() => {});
		process.exit();
	});
	// Ctrl-C reaches all processes of a terminal; the parent is the one to end this one.
	process.on('SIGINT', () => {});
}
