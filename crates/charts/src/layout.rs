//! The positions of a chart's parts: ranges of the axes, ticks, room for their labels, the legend. Lengths are in units of
//! the drawing; a page scales the drawing. Text widths are overestimated, because the page chooses the font and uses larger
//! letters on a small screen.

use crate::scale::Span;
use crate::{Axis, Chart, Scale, Shape};

/// The width of every chart.
pub(super) const WIDTH: f64 = 480.0;

/// The height of the plot area.
const PLOT_HEIGHT: f64 = 210.0;

/// The height of a line of text.
pub(super) const LINE: f64 = 22.0;

/// The average width of a letter. Letters are 16 units high on a small screen.
pub(super) const LETTER: f64 = 8.4;

/// The width of a legend entry's symbol and the space around the entry.
const ENTRY: f64 = 42.0;

/// The minimum distances of labels on the horizontal axis and of ticks on the vertical axis.
const LABEL_GAP: f64 = 12.0;
const Y_GAP: f64 = 26.0;

/// Longer labels are cut off at the edge.
const LABEL_MAX: f64 = 0.4 * WIDTH;

/// The share of the distance between bars that a bar fills.
const BAR_SHARE: f64 = 0.78;

/// The dimensions of a chart.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) x: Span,
    pub(super) y: Span,
    /// Positions of the ticks, and their labels.
    pub(super) x_ticks: Vec<(f64, String)>,
    pub(super) y_ticks: Vec<(f64, String)>,
    /// The edges of the plot area.
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) height: f64,
    pub(super) bar_width: f64,
    /// The named series and their positions.
    pub(super) legend: Vec<(usize, [f64; 2])>,
}

impl Layout {
    /// Returns `None` if there is nothing to draw.
    pub(super) fn new(chart: &Chart) -> Option<Self> {
        let step = bar_step(chart);
        let half = if matches!(chart.x.scale, Scale::Names(_)) { 0.0 } else { step / 2.0 };
        let x = span(&chart.x, x_values(chart, half), false)?;
        let y = span(&chart.y, y_values(chart), true)?;
        let is_drawn = |[at_x, at_y]: &[f64; 2]| x.can_draw(*at_x) && y.can_draw(*at_y);
        let has_content = chart.series.iter().any(|series| match &series.shape {
            Shape::Marks(marks) => marks.iter().any(|mark| is_drawn(&mark.at)),
            Shape::Uprights(_) | Shape::Bands(_) => false,
            shape => shape.points().iter().any(is_drawn),
        });
        if !has_content {
            return None;
        }
        let (legend, legend_height) = legend(chart);
        let top = legend_height + LINE + 4.0;
        let bottom = top + PLOT_HEIGHT;
        let y_ticks = fitting(&chart.y, &y, |ticks| {
            let places = ticks.iter().map(|(place, _)| bottom - place * PLOT_HEIGHT);
            places.collect::<Vec<_>>().is_sorted_by(|a, b| a - b >= Y_GAP)
        });
        let left = widest(&y_ticks).min(LABEL_MAX) + 10.0;
        let x_ticks = |right: f64| {
            fitting(&chart.x, &x, |ticks| {
                ticks.is_sorted_by(|(a, text_a), (b, text_b)| {
                    let between = (b - a) * (right - left);
                    between >= f64::midpoint(text_width(text_a), text_width(text_b)) + LABEL_GAP
                })
            })
        };
        // Half of the last label extends to the right.
        let last = x_ticks(WIDTH - LABEL_GAP)
            .last()
            .map_or(0.0, |(place, text)| text_width(text) / 2.0 - (1.0 - place) * (WIDTH - left));
        let right = WIDTH - last.clamp(LABEL_GAP, LABEL_MAX / 2.0);
        let x_ticks = x_ticks(right).into_iter().map(|(place, text)| (left + place * (right - left), text)).collect();
        let bar_width = match chart.x.scale {
            Scale::Names(_) => x.place(1.0) - x.place(0.0),
            _ => step_share(&x, step),
        } * (right - left)
            * BAR_SHARE;
        Some(Self {
            x_ticks,
            y_ticks: y_ticks.into_iter().map(|(place, text)| (bottom - place * PLOT_HEIGHT, text)).collect(),
            x,
            y,
            left,
            right,
            top,
            bottom,
            height: bottom + 2.0 * LINE + 6.0,
            bar_width: bar_width.max(1.0),
            legend,
        })
    }

    pub(super) fn x(&self, value: f64) -> f64 {
        self.left + self.x.place(value) * (self.right - self.left)
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        self.bottom - self.y.place(value) * (self.bottom - self.top)
    }

    /// Returns the edges of a shape of this width around `x`, within the plot area.
    pub(super) fn edges(&self, x: f64, width: f64) -> [f64; 2] {
        [x - width / 2.0, x + width / 2.0].map(|edge| edge.max(self.left).min(self.right))
    }

    /// Returns the position of a point; `None` if it cannot be drawn.
    pub(super) fn point(&self, [x, y]: [f64; 2]) -> Option<[f64; 2]> {
        (self.x.can_draw(x) && self.y.can_draw(y)).then(|| [self.x(x), self.y(y)])
    }
}

/// Returns the maximum width of a text.
pub(super) fn text_width(text: &str) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "short texts")]
    let letters = text.chars().count() as f64;
    letters * LETTER
}

/// Returns the stacked bars of several series: for each series, each bar as `[x, from, to]`.
pub(super) fn stacked(chart: &Chart) -> Vec<Vec<[f64; 3]>> {
    let mut tops: Vec<[f64; 2]> = Vec::new();
    let stack = |shape: &Shape| {
        let Shape::Bars(points) = shape else {
            return Vec::new();
        };
        let drawn = points.iter().filter(|[x, y]| x.is_finite() && y.is_finite());
        let bars = drawn.map(|[x, y]| {
            if let Some([_, top]) = tops.iter_mut().find(|[of, _]| of.total_cmp(x).is_eq()) {
                *top += y;
                [*x, *top - y, *top]
            } else {
                tops.push([*x, *y]);
                [*x, 0.0, *y]
            }
        });
        bars.collect()
    };
    chart.series.iter().map(|series| &series.shape).map(stack).collect()
}

fn span(axis: &Axis, values: Vec<f64>, is_rounded: bool) -> Option<Span> {
    match axis.bounds {
        Some(bounds) => Span::between(&axis.scale, bounds),
        None => Span::new(&axis.scale, values.into_iter(), is_rounded),
    }
}

fn x_values(chart: &Chart, half_bar: f64) -> Vec<f64> {
    let mut values = Vec::new();
    for series in &chart.series {
        match &series.shape {
            Shape::Marks(marks) => {
                values.extend(marks.iter().flat_map(|mark| mark.x_range.into_iter().flatten().chain([mark.at[0]])));
            }
            Shape::Uprights(uprights) => values.extend(uprights.iter().map(|(x, _)| *x)),
            Shape::Bands(bands) => values.extend(bands.iter().flatten()),
            Shape::Bars(points) => values.extend(points.iter().flat_map(|[x, _]| [x - half_bar, x + half_bar])),
            shape => values.extend(shape.points().iter().map(|[x, _]| *x)),
        }
    }
    values
}

fn y_values(chart: &Chart) -> Vec<f64> {
    let mut values: Vec<_> = stacked(chart).into_iter().flatten().map(|[_, _, top]| top).collect();
    for series in &chart.series {
        match &series.shape {
            Shape::Marks(marks) => {
                values.extend(marks.iter().flat_map(|mark| mark.y_range.into_iter().flatten().chain([mark.at[1]])));
            }
            Shape::Bars(_) => {}
            shape => values.extend(shape.points().iter().map(|[_, y]| *y)),
        }
    }
    values
}

/// Returns the minimum distance of bars; 1 without bars.
fn bar_step(chart: &Chart) -> f64 {
    let mut places: Vec<_> = stacked(chart).into_iter().flatten().map(|[x, _, _]| x).collect();
    places.sort_by(f64::total_cmp);
    places.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step > 0.0).min_by(f64::total_cmp).unwrap_or(1.0)
}

/// Returns the share of the scale that a step covers, for scales on which all steps are equal.
fn step_share(span: &Span, step: f64) -> f64 {
    let [lowest, highest] = span.ends();
    (step / (highest - lowest)).clamp(0.0, 1.0)
}

/// Returns the first choice of ticks that fits, each with its position and label; the last choice if none fits.
fn fitting(axis: &Axis, span: &Span, fits: impl Fn(&[(f64, String)]) -> bool) -> Vec<(f64, String)> {
    let mut ticks = Vec::new();
    for choice in span.ticks() {
        ticks = choice.into_iter().map(|value| (span.place(value), label(axis, value))).collect();
        if fits(&ticks) {
            break;
        }
    }
    ticks
}

/// Returns the label of a value on an axis.
pub(super) fn label(axis: &Axis, value: f64) -> String {
    match &axis.scale {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position; saturates")]
        Scale::Names(names) => names.get(value.round() as usize).cloned().unwrap_or_default(),
        _ => axis.format.exact(value),
    }
}

fn widest(ticks: &[(f64, String)]) -> f64 {
    ticks.iter().map(|(_, text)| text_width(text)).fold(0.0, f64::max)
}

/// Returns the positions of the series names, and the height that they need. A single series needs no name, because the
/// title describes it.
fn legend(chart: &Chart) -> (Vec<(usize, [f64; 2])>, f64) {
    let named: Vec<_> = chart.series.iter().enumerate().filter(|(_, series)| !series.label.is_empty()).collect();
    if named.len() < 2 {
        return (Vec::new(), 0.0);
    }
    let mut entries = Vec::with_capacity(named.len());
    let (mut x, mut y) = (0.0, LINE / 2.0);
    for (position, series) in named {
        let width = text_width(&series.label) + ENTRY;
        if x > 0.0 && x + width > WIDTH {
            (x, y) = (0.0, y + LINE);
        }
        entries.push((position, [x, y]));
        x += width;
    }
    (entries, y + LINE / 2.0 + 4.0)
}
