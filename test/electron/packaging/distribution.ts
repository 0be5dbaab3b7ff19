import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What marks the fuses in Electron's binary, before their version, their number and one character for each. */
const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const fuseWire = '\x01\x08' + '10110011';

/** Writes a folder that packagers take for Electron on Linux, whose binary does nothing. */
export async function writeDistribution(
	folder: string,
	version: string,
	pack: (from: string, to: string) => Promise<unknown>,
): Promise<void> {
	const resources = join(folder, 'resources');
	for (const one of [resources, join(folder, 'locales')]) mkdirSync(one, { recursive: true });
	const write = (name: string, content: string, mode = 0o644) =>
		writeFileSync(join(folder, name), content, { mode });
	write('electron', `#!/bin/sh\nexit 0\n# ${fuseSentinel}${fuseWire}\n`, 0o755);
	write('chrome-sandbox', '', 0o755);
	write('version', version);
	write('LICENSE', '');
	write('LICENSES.chromium.html', '');
	write('locales/en-US.pak', '');
	await pack(join(folder, 'locales'), join(resources, 'default_app.asar'));
}
