import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

/** The program of a Chromium in PATH; undefined where there is none, and then it says that `what` is skipped. */
export function chromiumOr(what: string): string | undefined {
	const found = (process.env.PATH ?? '')
		.split(delimiter)
		.flatMap((folder) => names.map((name) => join(folder, name)))
		.find((path) => {
			try {
				accessSync(path, constants.X_OK);
				return true;
			} catch {
				return false;
			}
		});
	if (found === undefined)
		console.warn(
			`skipped: ${what}, because none of ${names.join(', ')} is in PATH ` +
				'(on Debian: apt-get install chromium-headless-shell)',
		);
	return found;
}
