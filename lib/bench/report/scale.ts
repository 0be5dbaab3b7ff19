/** An axis that begins at zero. */
export interface Scale {
	readonly max: number;
	readonly interval: number;
}

/** The least round scale that holds `highest`, with about `lines` lines. */
export function scaleTo(highest: number, lines = 5): Scale {
	if (!(highest > 0)) return { max: 1, interval: 1 };
	const least = highest / lines;
	const power = 10 ** Math.floor(Math.log10(least));
	const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= least * (1 - 1e-9)) ?? 10;
	const interval = step * power;
	return { max: Math.ceil(highest / interval - 1e-9) * interval, interval };
}

/** 256, 1k, 1.5k, 8k; lengths that are no part of 1024 stay as they are. */
export const contextLabel = (context: number): string =>
	context >= 1024 && context % 512 === 0 ? `${context / 1024}k` : String(context);

/** Three digits that count, with a comma between thousands. */
export function shortNumber(value: number): string {
	if (value === 0) return '0';
	const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
	const rounded = value.toFixed(Math.min(digits, 3));
	return digits === 0 ? Number(rounded).toLocaleString('en-US') : rounded;
}

/** As an axis writes it: no digits that say nothing. */
export const axisNumber = (value: number): string =>
	Number(value.toPrecision(4)).toLocaleString('en-US', { maximumFractionDigits: 3 });

export const times = (value: number): string => `${value.toFixed(2)}×`;

export const mebibytes = (bytes: number): string => `${shortNumber(bytes / 2 ** 20)} MiB`;

/** Milliseconds, or seconds from ten of them on. */
export const duration = (ms: number): string =>
	ms >= 10_000 ? `${shortNumber(ms / 1000)} s` : `${shortNumber(ms)} ms`;
