/** The colours of a page and its charts. Those of text have a contrast of 4.5 or more to the background. */
export interface Theme {
	readonly name: 'light' | 'dark';
	readonly background: string;
	readonly text: string;
	/** Text that is read second. */
	readonly muted: string;
	readonly axis: string;
	/** The lines of a scale. */
	readonly grid: string;
	readonly colors: Readonly<Record<Hue, string>>;
}

export type Hue = 'blue' | 'grey' | 'orange' | 'green' | 'purple' | 'ochre' | 'pink';

export const light: Theme = {
	name: 'light',
	background: '#ffffff',
	text: '#1f2328',
	muted: '#59636e',
	axis: '#8c959f',
	grid: '#e4e8ec',
	colors: {
		blue: '#0b62c4',
		grey: '#6b7480',
		orange: '#c2410c',
		green: '#1a7f37',
		purple: '#8250df',
		ochre: '#8a6100',
		pink: '#bf3989',
	},
};

export const dark: Theme = {
	name: 'dark',
	background: '#0d1117',
	text: '#e6edf3',
	muted: '#9198a1',
	axis: '#6e7681',
	grid: '#262c34',
	colors: {
		blue: '#58a6ff',
		grey: '#8b949e',
		orange: '#f0883e',
		green: '#3fb950',
		purple: '#bc8cff',
		ochre: '#d29922',
		pink: '#f778ba',
	},
};

export const themes: readonly Theme[] = [light, dark];
