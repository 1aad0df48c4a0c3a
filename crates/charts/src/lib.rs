//! Charts as SVG text: lines, steps, bars, and marks with ranges, on linear, logarithmic and percentile axes. The charts are
//! parts of an HTML page: [`STYLE`] defines colours and text sizes, for light and dark mode. Every chart has a name and a
//! description for people who cannot see it, and its shapes show their numbers on hover. It needs no script.
//!
//! The caller chooses the content and the words. This crate only draws. A number that cannot be drawn (not finite, or not
//! above 0 on a logarithmic axis) is left out, and interrupts a line. `maud` escapes all text.

mod drawing;
mod layout;
mod number;
mod page;
mod scale;

use maud::Markup;

pub use number::{NumberFormat, grouped};
pub use page::{CaptionedChart, Page, chart_section};

/// The styles that a page with charts needs.
pub const STYLE: &str = include_str!("style.css");

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The name, for people who cannot see the chart.
    pub title: String,
    /// The content of the chart, in a sentence.
    pub description: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The drawn series, lowest layer first.
    pub series: Vec<Series>,
}

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The measured quantity, with its unit.
    pub label: String,
    /// The scale of the axis.
    pub scale: Scale,
    /// The format of the values.
    pub format: NumberFormat,
    /// The lowest and the highest value. The default is the range of the data. Values outside are drawn at the edge.
    pub bounds: Option<[f64; 2]>,
}

/// The mapping of values to positions on an axis.
#[derive(Clone, Debug, PartialEq)]
pub enum Scale {
    /// Equal differences have equal distances. Starts at 0 unless a value is negative.
    Linear,
    /// Equal ratios have equal distances. For values above 0.
    Logarithmic,
    /// For shares below 1: 0, 90, 99, 99.9 % have equal distances, as is usual for latencies.
    Percentile,
    /// Names; value 0 is the first name.
    Names(Vec<String>),
}

/// A series of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The name of the series. An empty name has no entry in the legend. The legend is drawn for several series.
    pub label: String,
    /// The colour of the series.
    pub tone: Tone,
    /// The shape of the series.
    pub shape: Shape,
}

/// A colour of the style sheet. People with red-green colour blindness can distinguish all colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Blue: the measured values.
    Blue,
    /// Orange: the values for comparison.
    Orange,
    /// Green.
    Green,
    /// Purple.
    Purple,
    /// Red.
    Red,
    /// Grey.
    Grey,
}

/// The shape of a series; points are `[x, y]`.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A line from point to point.
    Line(Vec<[f64; 2]>),
    /// A dashed line from point to point.
    DashedLine(Vec<[f64; 2]>),
    /// A line with a dot at each point.
    DottedLine(Vec<[f64; 2]>),
    /// A line that keeps a value until the next point.
    Steps(Vec<[f64; 2]>),
    /// Bars from 0. Bars of several series are stacked.
    Bars(Vec<[f64; 2]>),
    /// A horizontal line across each bar, for comparison.
    Levels(Vec<[f64; 2]>),
    /// Single values.
    Marks(Vec<Mark>),
    /// Vertical lines at a value of x, with a label.
    Uprights(Vec<(f64, String)>),
    /// Ranges of x, shaded from top to bottom.
    Bands(Vec<[f64; 2]>),
}

/// A single value and its expected range.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The position of the value.
    pub at: [f64; 2],
    /// The range along the horizontal axis.
    pub x_range: Option<[f64; 2]>,
    /// The range along the vertical axis.
    pub y_range: Option<[f64; 2]>,
    /// The name of the value, in a word.
    pub label: String,
    /// Whether the label is below the mark instead of above. A label avoids lines: with a vertical range, it is beside the
    /// range.
    pub is_label_below: bool,
}

impl Chart {
    /// Returns the chart as an `svg` element; `None` if there is nothing to draw. The page can then show a text instead of
    /// an empty frame.
    pub fn svg(&self) -> Option<Markup> {
        layout::Layout::new(self).map(|layout| drawing::drawn(self, &layout))
    }
}

impl Axis {
    /// Creates an axis over the range of the data.
    pub fn new(label: impl Into<String>, scale: Scale, format: NumberFormat) -> Self {
        Self { label: label.into(), scale, format, bounds: None }
    }

    /// Returns the axis with these bounds.
    #[must_use]
    pub fn within(self, lowest: f64, highest: f64) -> Self {
        Self { bounds: Some([lowest, highest]), ..self }
    }
}

impl Series {
    /// Creates a series.
    pub fn new(label: impl Into<String>, tone: Tone, shape: Shape) -> Self {
        Self { label: label.into(), tone, shape }
    }
}

impl Shape {
    /// Returns the points of lines and bars.
    fn points(&self) -> &[[f64; 2]] {
        match self {
            Self::Line(points)
            | Self::DashedLine(points)
            | Self::DottedLine(points)
            | Self::Steps(points)
            | Self::Bars(points)
            | Self::Levels(points) => points,
            Self::Marks(_) | Self::Uprights(_) | Self::Bands(_) => &[],
        }
    }
}

/// Compiles and runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use roxmltree::{Document, Node};

    use super::*;

    fn numbers() -> impl Strategy<Value = f64> {
        prop_oneof![8 => -10.0..1e4, 2 => 0.0..1.0, 1 => any::<f64>()]
    }

    fn points() -> impl Strategy<Value = Vec<[f64; 2]>> {
        prop::collection::vec(prop::array::uniform2(numbers()), 0..12)
    }

    fn mark() -> impl Strategy<Value = Mark> {
        let range = || prop::option::of(prop::array::uniform2(numbers()));
        (prop::array::uniform2(numbers()), range(), range(), any::<String>(), any::<bool>())
            .prop_map(|(at, x_range, y_range, label, is_label_below)| Mark { at, x_range, y_range, label, is_label_below })
    }

    fn shape() -> impl Strategy<Value = Shape> {
        prop_oneof![
            points().prop_map(Shape::Line),
            points().prop_map(Shape::DashedLine),
            points().prop_map(Shape::DottedLine),
            points().prop_map(Shape::Steps),
            points().prop_map(Shape::Bars),
            points().prop_map(Shape::Levels),
            prop::collection::vec(mark(), 0..4).prop_map(Shape::Marks),
            prop::collection::vec((numbers(), any::<String>()), 0..3).prop_map(Shape::Uprights),
            prop::collection::vec(prop::array::uniform2(numbers()), 0..3).prop_map(Shape::Bands),
        ]
    }

    fn axis() -> impl Strategy<Value = Axis> {
        let scale = prop_oneof![
            Just(Scale::Linear),
            Just(Scale::Logarithmic),
            Just(Scale::Percentile),
            prop::collection::vec(any::<String>(), 0..30).prop_map(Scale::Names),
        ];
        let format = prop_oneof![Just(NumberFormat::Plain), Just(NumberFormat::Percent)];
        let bounds = prop::option::weighted(0.3, prop::array::uniform2(numbers()));
        (any::<String>(), scale, format, bounds).prop_map(|(label, scale, format, bounds)| Axis { label, scale, format, bounds })
    }

    fn chart() -> impl Strategy<Value = Chart> {
        let tones = [Tone::Blue, Tone::Orange, Tone::Green, Tone::Purple, Tone::Red, Tone::Grey];
        let series = (any::<String>(), prop::sample::select(tones.to_vec()), shape());
        let series = series.prop_map(|(label, tone, shape)| Series { label, tone, shape });
        (any::<String>(), any::<String>(), axis(), axis(), prop::collection::vec(series, 0..5))
            .prop_map(|(title, description, x, y, series)| Chart { title, description, x, y, series })
    }

    /// Returns all numbers of an attribute, also of a path.
    fn lengths(value: &str) -> Vec<f64> {
        let numbers = value.split(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '.' | '-')));
        numbers.filter(|number| !number.is_empty()).map(|number| number.parse().unwrap()).collect()
    }

    fn text_of(node: Node<'_, '_>, name: &str) -> String {
        node.children()
            .find(|child| child.has_tag_name(("http://www.w3.org/2000/svg", name)))
            .and_then(|child| child.text())
            .unwrap_or_default()
            .to_owned()
    }

    proptest! {
        /// For all charts, the drawing is well-formed, contains the title, and lies within its frame.
        #[test]
        fn charts_are_well_formed(chart in chart()) {
            let Some(svg) = chart.svg() else { return Ok(()) };
            let svg = svg.into_string();
            let document = Document::parse(&svg).map_err(|error| TestCaseError::fail(format!("{error}: {svg}")))?;
            let root = document.root_element();
            let is_kept = |letter: &char| letter.is_ascii_graphic();
            let kept = |text: &str| text.chars().filter(is_kept).collect::<String>();
            prop_assert_eq!(kept(&text_of(root, "title")), kept(&chart.title));
            prop_assert_eq!(kept(&text_of(root, "desc")), kept(&chart.description));
            let frame = lengths(root.attribute("viewBox").unwrap());
            for node in root.descendants().filter(Node::is_element) {
                let is_text = node.has_tag_name(("http://www.w3.org/2000/svg", "text"));
                for attribute in node.attributes().filter(|_| !is_text) {
                    let limit = match attribute.name() {
                        "x" | "x1" | "x2" | "cx" | "width" => frame[2],
                        "y" | "y1" | "y2" | "cy" | "height" => frame[3],
                        "d" => frame[2].max(frame[3]),
                        _ => continue,
                    };
                    let slack = 30.0;
                    let is_inside = lengths(attribute.value()).into_iter().all(|length| (-slack..=limit + slack).contains(&length));
                    prop_assert!(is_inside, "{attribute:?} of {frame:?}");
                }
            }
        }
    }

    #[test]
    fn charts_without_drawable_values_are_omitted() {
        let axis = || Axis::new("x", Scale::Logarithmic, NumberFormat::Plain);
        let chart = |points: &[[f64; 2]]| Chart {
            title: "chart".to_owned(),
            description: "what it shows".to_owned(),
            x: axis(),
            y: axis(),
            series: vec![Series::new("", Tone::Blue, Shape::Line(points.to_vec()))],
        };
        assert_eq!(chart(&[]).svg().map(Markup::into_string), None);
        assert_eq!(chart(&[[0.0, 1.0], [1.0, -1.0], [f64::NAN, 1.0]]).svg().map(Markup::into_string), None);
        assert!(chart(&[[1.0, 1.0]]).svg().is_some());
    }

    #[test]
    fn lines_are_interrupted_and_bars_are_stacked() {
        let chart = Chart {
            title: String::new(),
            description: String::new(),
            x: Axis::new("", Scale::Linear, NumberFormat::Plain),
            y: Axis::new("", Scale::Linear, NumberFormat::Plain),
            series: vec![
                Series::new("", Tone::Blue, Shape::Bars(vec![[0.0, 2.0], [1.0, 4.0]])),
                Series::new("", Tone::Red, Shape::Bars(vec![[1.0, 6.0]])),
                Series::new("", Tone::Grey, Shape::Line(vec![[0.0, 1.0], [0.5, f64::NAN], [1.0, 1.0], [1.5, 1.0]])),
            ],
        };
        let svg = chart.svg().unwrap().into_string();
        let document = Document::parse(&svg).unwrap();
        let of_class = |class: &'static str| document.descendants().filter(move |node| node.attribute("class") == Some(class));
        let bars: Vec<_> =
            of_class("bar").map(|bar| ["y", "height"].map(|name| lengths(bar.attribute(name).unwrap())[0])).collect();
        let [first, lower, upper] = bars[..] else { panic!("{bars:?}") };
        assert!(
            (upper[0] + upper[1] - lower[0]).abs() < 0.2 && (lower[0] + lower[1] - first[0] - first[1]).abs() < 0.2,
            "{bars:?}"
        );
        assert!((lower[1] - 2.0 * first[1]).abs() < 0.2, "{bars:?}");
        let line = of_class("line").next().unwrap().attribute("d").unwrap();
        assert_eq!(line.matches('M').count(), 2, "{line}");
        assert!(of_class("bar").all(|bar| bar.children().any(|title| title.text().is_some())), "bars say their number");
    }
}
