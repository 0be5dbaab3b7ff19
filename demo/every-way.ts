import type { GenerateOptions, Session } from '../lib/index.js';
import { type Stage, withSession } from './stage.js';

/** Drafting as much as pays on this machine, as much as one where a wide pass costs little, and not at all. */
export const drafts = {
	auto: 'auto',
	wide: { size: 16 },
	off: 'off',
} satisfies Record<string, GenerateOptions['draft']>;

type Way = keyof typeof drafts;
export type EveryWay<T> = Record<Way, T>;

export const mapWays = <T, U>({ auto, wide, off }: EveryWay<T>, map: (one: T) => U): EveryWay<U> => ({
	auto: map(auto),
	wide: map(wide),
	off: map(off),
});

/** Does the same every way for each of `items`, one right after the other: all meet the same machine. */
export async function everyWay<T>(
	stage: Stage,
	items: readonly T[],
	work: (item: T, session: Session, way: Way) => Promise<void>,
	onDone: () => void,
): Promise<void> {
	const inTurn = async (sessions: EveryWay<Session>) => {
		const ways = Object.keys(drafts) as Way[];
		for (const [index, item] of items.entries()) {
			for (const way of index % 2 === 0 ? ways : ways.toReversed()) {
				await sessions[way].rollback(0);
				await work(item, sessions[way], way);
				stage.signal.throwIfAborted();
			}
			onDone();
		}
	};
	await withSession(stage, (auto) =>
		withSession(stage, (wide) => withSession(stage, (off) => inTurn({ auto, wide, off }))),
	);
}
