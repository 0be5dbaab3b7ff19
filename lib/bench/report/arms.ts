import { floor, ours } from '../arm.js';
import type { BenchResults } from '../results.js';
import type { Hue } from './theme.js';

/** Arms of one program. */
export interface Family {
	readonly name: string;
	readonly arms: readonly string[];
	readonly hue: Hue;
}

/** How a line is told from others, with colours and without. */
export interface LineStyle {
	readonly hue: Hue;
	/** A symbol of echarts. */
	readonly symbol: string;
	readonly hollow: boolean;
	/** Pixels drawn and not drawn, in turn; none: one stroke. */
	readonly dash: readonly number[];
	readonly width: number;
}

const hues: Readonly<Record<string, Hue>> = {
	[ours]: 'blue',
	[floor]: 'grey',
	'llama-server': 'orange',
	'node-llama-cpp': 'green',
};
const otherHues: readonly Hue[] = ['purple', 'ochre', 'pink'];

const cross = 'path://M-4,-1.3H-1.3V-4H1.3V-1.3H4V1.3H1.3V4H-1.3V1.3H-4Z';
const fallingTriangle = 'path://M-4,-3.5H4L0,3.5Z';
const flag = 'path://M-4,-4H4L0,0L4,4H-4Z';
const symbols = ['circle', 'triangle', 'rect', 'diamond', fallingTriangle, cross, flag];
const dashes: ReadonlyArray<readonly number[]> = [[], [6, 3], [2, 2.5], [9, 3, 2, 3]];

const familyNameOf = (arm: string): string => arm.split(/[:@ ]/, 1)[0] ?? arm;

/** The families of the arms, in their order. */
export function familiesOf({ arms }: Pick<BenchResults, 'arms'>): Family[] {
	const names = [...new Set(arms.map(({ name }) => familyNameOf(name)))];
	const others = names.filter((name) => !(name in hues));
	return names.map((family) => ({
		name: family,
		arms: arms.map(({ name }) => name).filter((name) => familyNameOf(name) === family),
		hue: hues[family] ?? otherHues[others.indexOf(family) % otherHues.length] ?? 'purple',
	}));
}

/** The families that are neither ours nor the floor. */
export const isPeer = ({ name }: Family): boolean => name !== ours && name !== floor;

/** The style of a whole family's line, by the family's place among all. */
export function familyStyle({ name, hue }: Family, place: number): LineStyle {
	return {
		hue,
		symbol: symbols[place % symbols.length] ?? 'circle',
		hollow: name === floor || place >= symbols.length,
		dash: name === ours ? [] : (dashes[1 + (Math.max(0, place - 1) % (dashes.length - 1))] ?? []),
		width: name === ours ? 2.8 : 1.7,
	};
}

/** The styles of all arms, where each has a line of its own. */
export function armStyles(families: readonly Family[]): Map<string, LineStyle> {
	const styles = new Map<string, LineStyle>();
	for (const { arms, hue } of families)
		for (const [place, arm] of arms.entries()) {
			const among = styles.size;
			styles.set(arm, {
				hue,
				symbol: symbols[among % symbols.length] ?? 'circle',
				hollow: among >= symbols.length,
				dash: dashes[place % dashes.length] ?? [],
				width: arm === ours ? 2.8 : 1.5,
			});
		}
	return styles;
}
