// For which platform and processor the addon is built: this machine's, unless npm, node-gyp, prebuildify or an
// Electron packager asks for another. Without a look at them, an app for x64 that is packaged on an arm64 Mac would
// get code for arm64 under the name of x64.

const processors = ['x64', 'arm64'];
const thisMachine = { platform: process.platform, arch: process.arch };

/** The first of these variables that is set. npm writes what is in its configuration in lower case. */
const asked = (env, names) =>
	names.map((name) => env[name]).find((value) => value !== undefined && value !== '');

/**
 * The target that the environment asks for, whether that is another than the `host`, and its CMake definitions. Throws
 * where it cannot be built here.
 */
export function target(env = process.env, host = thisMachine) {
	const platform =
		asked(env, ['npm_config_target_platform', 'npm_config_platform', 'PREBUILD_PLATFORM']) ?? host.platform;
	const arch = asked(env, ['npm_config_target_arch', 'npm_config_arch', 'PREBUILD_ARCH']) ?? host.arch;
	const cross = platform !== host.platform || arch !== host.arch;
	if (!cross) return { platform, arch, cross, definitions: [] };
	if (!processors.includes(arch))
		throw new Error(`Expected ${processors.join(' or ')} as the target architecture but received "${arch}"`);
	const compilerDoesBoth = platform === host.platform && (platform === 'darwin' || platform === 'win32');
	if (!compilerDoesBoth && !env.CMAKE_TOOLCHAIN_FILE)
		throw new Error(
			`The compiler of ${host.platform}-${host.arch} makes no code for ${platform}-${arch}: set CMAKE_TOOLCHAIN_FILE ` +
				`to a CMake toolchain file for it, or build on ${platform}-${arch}`,
		);
	// On Windows, cmake-js makes CMake's -A of its --arch.
	const definitions =
		platform === 'darwin' ? [`--CDCMAKE_OSX_ARCHITECTURES=${arch === 'x64' ? 'x86_64' : arch}`] : [];
	return { platform, arch, cross, definitions };
}
