// Electron's fs says that an archive is a folder, and with process.noAsar that it is a file. Here archives are
// folders, without the files that were unpacked: whoever opens one of these by its path in the archive fails.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { statSync } = fs;
fs.statSync = (path, options) => {
	const stat = statSync(path, options);
	if (process.noAsar && stat?.isDirectory() && String(path).endsWith('.asar')) {
		stat.isFile = () => true;
		stat.isDirectory = () => false;
	}
	return stat;
};
syncBuiltinESMExports();
