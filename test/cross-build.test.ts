import { describe, expect, test } from 'vitest';
import { configuration, type Machine } from '../scripts/build.mjs';

const appleSilicon: Machine = { platform: 'darwin', arch: 'arm64' };
const windows: Machine = { platform: 'win32', arch: 'x64' };
const linux: Machine = { platform: 'linux', arch: 'x64' };
const toolchain = { CMAKE_TOOLCHAIN_FILE: 'aarch64.cmake' };

describe('a build for another processor', () => {
	test.each(['npm_config_arch', 'npm_config_target_arch', 'PREBUILD_ARCH'])('is asked for by %s', (name) => {
		const { target, folder, definitions } = configuration({ [name]: 'x64' }, appleSilicon);
		expect(target).toEqual({ platform: 'darwin', arch: 'x64', cross: true });
		expect(folder).toBe('cmake-darwin-x64-portable');
		expect(definitions).toContain('--CDCMAKE_OSX_ARCHITECTURES=x86_64');
	});

	test('uses the vector units of that processor, never those of this machine', () => {
		const x64 = configuration({ npm_config_arch: 'x64' }, appleSilicon).definitions;
		expect(x64).toContain('--CDGGML_NATIVE=OFF');
		expect(x64).toContain('--CDGGML_AVX2=ON');
		const arm64 = configuration({ npm_config_arch: 'arm64' }, { ...appleSilicon, arch: 'x64' }).definitions;
		expect(arm64).toContain('--CDCMAKE_OSX_ARCHITECTURES=arm64');
		expect(arm64.filter((definition) => definition.includes('AVX2'))).toEqual([]);
		const native = { npm_config_arch: 'x64', REPRISE_NATIVE: '1' };
		expect(() => configuration(native, appleSilicon)).toThrow(
			"REPRISE_NATIVE=1 asks for this machine's code, but the target is darwin-x64",
		);
	});

	test('needs a toolchain where one compiler does not make code for both', () => {
		expect(configuration({ npm_config_arch: 'arm64' }, windows).target.arch).toBe('arm64');
		expect(() => configuration({ npm_config_arch: 'arm64' }, linux)).toThrow(
			'The compiler of linux-x64 makes no code for linux-arm64: set CMAKE_TOOLCHAIN_FILE',
		);
		expect(() => configuration({ npm_config_platform: 'win32' }, linux)).toThrow('no code for win32-x64');
		const { folder, definitions } = configuration({ npm_config_arch: 'arm64', ...toolchain }, linux);
		expect(folder).toBe('cmake-linux-arm64-variants');
		expect(definitions.filter((definition) => definition.includes('OSX'))).toEqual([]);
	});

	test('is for one processor that is known', () => {
		for (const arch of ['ia32', 'x64+arm64'])
			expect(() => configuration({ npm_config_arch: arch }, appleSilicon)).toThrow(
				`Expected x64 or arm64 as the target architecture but received "${arch}"`,
			);
	});
});

test('a build that is asked for by the name of this machine is the usual one', () => {
	const asked = { npm_config_arch: 'arm64', npm_config_platform: 'darwin' };
	expect(configuration(asked, appleSilicon)).toEqual(configuration({}, appleSilicon));
});
