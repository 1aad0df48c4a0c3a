//! Draws a chart as an `svg` element. The drawing uses the classes of the style sheet and defines no colours.

use maud::{Markup, html};

use crate::layout::{LINE, Layout, WIDTH, label, stacked, text_width};
use crate::{Chart, Mark, Series, Shape, Tone};

/// Half the size of a mark.
const MARK: f64 = 5.0;

/// Half the length of the line at the end of a range.
const WHISKER: f64 = 3.5;

pub(super) fn drawn(chart: &Chart, layout: &Layout) -> Markup {
    let Layout { left, right, top, bottom, height, .. } = *layout;
    html! {
        svg class="chart" role="img" xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (px(WIDTH)) " " (px(height)) } {
            title { (plain(&chart.title)) }
            desc { (plain(&chart.description)) }
            @for (position, [x, y]) in &layout.legend {
                (entry(&chart.series[*position], *x, *y))
            }
            g class="axis" {
                @for (y, text) in &layout.y_ticks {
                    line class="grid" x1=(px(left)) x2=(px(right)) y1=(px(*y)) y2=(px(*y)) {}
                    text x=(px(left - 6.0)) y=(px(*y)) text-anchor="end" dominant-baseline="central" { (plain(text)) }
                }
                line class="base" x1=(px(left)) x2=(px(right)) y1=(px(bottom)) y2=(px(bottom)) {}
                @for (x, text) in &layout.x_ticks {
                    line class="base" x1=(px(*x)) x2=(px(*x)) y1=(px(bottom)) y2=(px(bottom + 4.0)) {}
                    text x=(px(*x)) y=(px(bottom + LINE - 2.0)) text-anchor="middle" { (plain(text)) }
                }
                text class="unit" x="0" y=(px(top - 12.0)) { (plain(&chart.y.label)) }
                text class="unit" x=(px(f64::midpoint(left, right))) y=(px(bottom + 2.0 * LINE)) text-anchor="middle" {
                    (plain(&chart.x.label))
                }
            }
            @for (series, bars) in chart.series.iter().zip(stacked(chart)) {
                g class=(tone(series.tone)) { (shape(chart, series, &bars, layout)) }
            }
        }
    }
}

fn shape(chart: &Chart, series: &Series, bars: &[[f64; 3]], layout: &Layout) -> Markup {
    match &series.shape {
        Shape::Line(points) => curve("line", &line(points, layout)),
        Shape::DashedLine(points) => curve("line dashed", &line(points, layout)),
        Shape::Steps(points) => curve("line", &steps(points, layout)),
        Shape::DottedLine(points) => html! {
            (curve("line", &line(points, layout)))
            @for (point, [x, y]) in places(points, layout) {
                circle class="dot" cx=(px(x)) cy=(px(y)) r="3.5" { title { (tooltip(chart, series, point)) } }
            }
        },
        Shape::Bars(_) => html! {
            @for [x, from, to] in bars {
                @let (upper, lower) = (layout.y(from.max(*to)), layout.y(from.min(*to)));
                @let [left, right] = layout.edges(layout.x(*x), layout.bar_width);
                rect class="bar" x=(px(left)) width=(px(right - left)) y=(px(upper))
                    height=(px(lower - upper)) { title { (tooltip(chart, series, [*x, to - from])) } }
            }
        },
        Shape::Levels(points) => html! {
            @for (point, [x, y]) in places(points, layout) {
                @let [left, right] = layout.edges(x, layout.bar_width + 3.0);
                line class="level" x1=(px(left)) x2=(px(right)) y1=(px(y)) y2=(px(y)) { title { (tooltip(chart, series, point)) } }
            }
        },
        Shape::Marks(marks) => html! {
            @for mark in marks { (marked(mark, layout)) }
        },
        Shape::Bands(bands) => html! {
            @for [from, to] in bands.iter().filter(|band| band.iter().all(|x| layout.x.can_draw(*x))) {
                @let (from, to) = (layout.x(*from), layout.x(*to));
                rect class="band" x=(px(from)) width=(px((to - from).max(0.0))) y=(px(layout.top)) height=(px(layout.bottom - layout.top)) {}
            }
        },
        Shape::Uprights(uprights) => html! {
            @for (x, text) in uprights.iter().filter(|(x, _)| layout.x.can_draw(*x)) {
                @let at = layout.x(*x);
                line class="halo" x1=(px(at)) x2=(px(at)) y1=(px(layout.top)) y2=(px(layout.bottom)) {}
                line class="line dashed" x1=(px(at)) x2=(px(at)) y1=(px(layout.top)) y2=(px(layout.bottom)) {}
                (beside(at, 6.0, layout.top + upright_line(chart, series) * LINE + 4.0, text, layout))
            }
        },
    }
}

fn marked(mark: &Mark, layout: &Layout) -> Markup {
    let Some([x, y]) = layout.point(mark.at) else {
        return Markup::default();
    };
    let ranges = [
        mark.x_range.map(|range| range.map(|end| [layout.x(end), y])),
        mark.y_range.map(|range| range.map(|end| [x, layout.y(end)])),
    ];
    let ends = |[[x1, y1], [x2, y2]]: [[f64; 2]; 2]| {
        let (dx, dy) = if (y1 - y2).abs() < f64::EPSILON { (0.0, WHISKER) } else { (WHISKER, 0.0) };
        let across = |x: f64, y: f64| format!("M{} {}L{} {}", px(x - dx), px(y - dy), px(x + dx), px(y + dy));
        format!("M{} {}L{} {}{}{}", px(x1), px(y1), px(x2), px(y2), across(x1, y1), across(x2, y2))
    };
    let diamond = format!("M{} {}l{MARK} {MARK}l-{MARK} {MARK}l-{MARK} -{MARK}z", px(x), px(y - MARK));
    let text_y = match mark {
        Mark { y_range: Some(_), .. } => y,
        Mark { is_label_below: true, .. } => y + LINE * 0.75,
        _ => y - LINE * 0.6,
    };
    html! {
        @for range in ranges.into_iter().flatten() {
            path class="whisker" d=(ends(range)) {}
        }
        path class="mark" d=(diamond) {}
        (beside(x, if mark.y_range.is_some() { 12.0 } else { 6.0 }, text_y, &mark.label, layout))
    }
}

/// Draws a text to the right of a place, or to its left if there is no room.
fn beside(x: f64, gap: f64, y: f64, text: &str, layout: &Layout) -> Markup {
    let has_room = x + gap + text_width(text) <= layout.right.max(WIDTH);
    let (x, anchor) = if has_room { (x + gap, "start") } else { (x - gap, "end") };
    html! {
        text class="note" x=(px(x)) y=(px(y)) text-anchor=(anchor) dominant-baseline="central" { (plain(text)) }
    }
}

/// Returns the line of a label. Labels of vertical lines are stacked.
fn upright_line(chart: &Chart, series: &Series) -> f64 {
    let before = chart.series.iter().take_while(|other| !std::ptr::eq(*other, series));
    let labels = before.filter(|other| matches!(other.shape, Shape::Uprights(_)));
    labels.fold(0.0, |line, _| line + 1.0)
}

fn curve(class: &str, path: &str) -> Markup {
    html! { path class=(class) d=(path) {} }
}

fn line(points: &[[f64; 2]], layout: &Layout) -> String {
    joined(points, layout, |x, y| format!("L{x} {y}"))
}

fn steps(points: &[[f64; 2]], layout: &Layout) -> String {
    joined(points, layout, |x, y| format!("H{x}V{y}"))
}

/// Returns the path through the points. A point that cannot be drawn interrupts the path.
fn joined(points: &[[f64; 2]], layout: &Layout, to: impl Fn(&str, &str) -> String) -> String {
    let mut path = String::new();
    let mut is_begun = false;
    for point in points {
        let place = layout.point(*point).map(|place| place.map(px));
        if let Some([x, y]) = &place {
            let part = if is_begun { to(x, y) } else { format!("M{x} {y}") };
            path.push_str(&part);
        }
        is_begun = place.is_some();
    }
    path
}

fn places<'p>(points: &'p [[f64; 2]], layout: &'p Layout) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + 'p {
    points.iter().filter_map(|point| layout.point(*point).map(|place| (*point, place)))
}

/// Returns the tooltip of a point.
fn tooltip(chart: &Chart, series: &Series, [x, y]: [f64; 2]) -> String {
    let name = if series.label.is_empty() { String::new() } else { format!("{}, ", series.label) };
    plain(&format!("{name}{}: {}", label(&chart.x, x), chart.y.format.readable(y)))
}

fn entry(series: &Series, x: f64, y: f64) -> Markup {
    let (from, to, middle) = (px(x + 2.0), px(x + 20.0), px(x + 11.0));
    html! {
        g class={ "entry " (tone(series.tone)) } {
            @match &series.shape {
                Shape::Bars(_) => rect class="bar" x=(px(x + 5.0)) y=(px(y - 6.0)) width="12" height="12" {},
                Shape::Bands(_) => rect class="band" x=(px(x + 5.0)) y=(px(y - 6.0)) width="12" height="12" {},
                Shape::Levels(_) => line class="level" x1=(from) x2=(to) y1=(px(y)) y2=(px(y)) {},
                Shape::Marks(_) => {
                    line class="whisker" x1=(from) x2=(to) y1=(px(y)) y2=(px(y)) {}
                    path class="mark" d={ "M" (middle) " " (px(y - MARK)) (format!("l{MARK} {MARK}l-{MARK} {MARK}l-{MARK} -{MARK}z")) } {}
                },
                Shape::DashedLine(_) | Shape::Uprights(_) => line class="line dashed" x1=(from) x2=(to) y1=(px(y)) y2=(px(y)) {},
                Shape::DottedLine(_) => {
                    line class="line" x1=(from) x2=(to) y1=(px(y)) y2=(px(y)) {}
                    circle class="dot" cx=(middle) cy=(px(y)) r="3.5" {}
                },
                Shape::Line(_) | Shape::Steps(_) => line class="line" x1=(from) x2=(to) y1=(px(y)) y2=(px(y)) {},
            }
            text x=(px(x + 26.0)) y=(px(y)) dominant-baseline="central" { (plain(&series.label)) }
        }
    }
}

const fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Blue => "tone-blue",
        Tone::Orange => "tone-orange",
        Tone::Green => "tone-green",
        Tone::Purple => "tone-purple",
        Tone::Red => "tone-red",
        Tone::Grey => "tone-grey",
    }
}

/// Formats a length, rounded to a tenth.
fn px(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// Replaces the characters that XML does not allow, escaped or not.
fn plain(text: &str) -> String {
    let is_text = |letter: char| {
        matches!(letter, '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'..) && !('\u{7f}'..='\u{9f}').contains(&letter)
    };
    text.chars().map(|letter| if is_text(letter) { letter } else { '\u{fffd}' }).collect()
}
