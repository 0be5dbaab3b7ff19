// Draws charts with echarts, which is large: this file is loaded when there is something to draw, and in dist/ it has
// all of the library that it needs in it.

import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

/**
 * Draws a chart without a browser.
 *
 * @param {Readonly<Record<string, unknown>>} option - As echarts takes it.
 * @param {{ readonly width: number, readonly height: number }} size - In pixels.
 * @returns {string} The text of an SVG file.
 */
export function drawSvg(option, { width, height }) {
	const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
	try {
		chart.setOption({ ...option, animation: false });
		return chart.renderToSVGString();
	} finally {
		// Its clock would keep the process from ending.
		chart.dispose();
	}
}
