//! Published distributions over the week, for comparison with the measured distributions.

/// Session starts by local hour, from midnight: a US job site of 2014-2015, 4,030 sessions. Indeed (2017) describes the same shape in
/// words: a peak from 11 to 12, lower during the commute, up after dinner.
pub const HOUR_WEIGHTS: [f64; 24] = [
    0.0184, 0.0144, 0.0084, 0.0062, 0.006, 0.0077, 0.0154, 0.0236, 0.0476, 0.0581, 0.0767, 0.0839, 0.0747, 0.0754, 0.0685, 0.066,
    0.0583, 0.0603, 0.0469, 0.0444, 0.0516, 0.0367, 0.029, 0.0218,
];

/// Events by weekday, from Monday: OLX Jobs 2020, two weeks.
pub const WEEKDAY_WEIGHTS: [f64; 7] = [0.1675, 0.1809, 0.1709, 0.1575, 0.1339, 0.0929, 0.0964];
