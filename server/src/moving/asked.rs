//! The query parameters of OGC API - Features and Moving Features, judged with all their faults.

use std::ops::RangeInclusive;

use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;

use crate::error::ApiError;

/// Nothing is on file before this year, and nothing will be after that one.
const EVER: RangeInclusive<OffsetDateTime> =
    datetime!(2000-01-01 00:00 UTC)..=datetime!(9998-01-01 00:00 UTC);
const MOST_LEAVES: usize = 1_000;
/// How far the first leaf may be from the last.
const LEAVES_DAYS: i64 = 7;

/// A parameter that a resource takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameter {
    /// `bbox`
    Bbox,
    /// `datetime`
    Datetime,
    /// `limit`
    Limit,
    /// `subTrajectory`
    SubTrajectory,
    /// `subTemporalValue`
    SubTemporalValue,
    /// `leaf`
    Leaf,
    /// `after`: where the page before ended; our own, and only followed.
    After,
}

/// What a resource takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Takes {
    /// Every other parameter is a fault.
    pub(crate) parameters: &'static [Parameter],
    /// Where none is asked for.
    pub(crate) default_limit: usize,
    /// More is not given, whatever is asked for.
    pub(crate) most: usize,
    /// The longest window of which parts are cut out, in hours; `None` where pages bound it.
    pub(crate) most_hours: Option<i64>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    /// `None` asks for anywhere.
    pub(crate) bbox: Option<Bounds>,
    /// `None` asks for any time. Epoch milliseconds, both ends included.
    pub(crate) window: Option<RangeInclusive<i64>>,
    /// How many.
    pub(crate) limit: usize,
    /// Whether only what lies in the window is wanted (`subTrajectory`, `subTemporalValue`).
    pub(crate) is_cut: bool,
    /// Moments one by one, each later than the one before. Epoch milliseconds.
    pub(crate) leaves: Option<Vec<i64>>,
    /// Where the page begins.
    pub(crate) after: Option<i64>,
}

/// A box in degrees: west, south, east, north. West of the antimeridian and east of it where west is greater than east.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds([f64; 4]);

/// All moments of which anything can be on file. Epoch milliseconds.
pub(crate) fn ever() -> RangeInclusive<i64> {
    epoch_ms(*EVER.start())..=epoch_ms(*EVER.end())
}

/// A fault, in Chinese and English.
type Fault = (String, String);

impl Parameter {
    const ALL: [Self; 7] = [
        Self::Bbox,
        Self::Datetime,
        Self::Limit,
        Self::SubTrajectory,
        Self::SubTemporalValue,
        Self::Leaf,
        Self::After,
    ];

    /// As it is spelled.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bbox => "bbox",
            Self::Datetime => "datetime",
            Self::Limit => "limit",
            Self::SubTrajectory => "subTrajectory",
            Self::SubTemporalValue => "subTemporalValue",
            Self::Leaf => "leaf",
            Self::After => "after",
        }
    }
}

/// The pairs of a query, in which a plus sign is one: times have it, and no other value has a blank.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let plain = |text: &str| percent_decoded(text);
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (plain(name), plain(value)))
        .collect()
}

impl Asked {
    /// All faults at once, each with its parameter.
    pub(crate) fn judged(pairs: &[(String, String)], takes: &Takes) -> Result<Self, ApiError> {
        let mut faults: Vec<(String, Fault)> = Vec::new();
        let mut asked = Self {
            bbox: None,
            window: None,
            limit: takes.default_limit,
            is_cut: false,
            leaves: None,
            after: None,
        };
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in pairs {
            let parameter = Parameter::ALL.into_iter().find(|p| p.name() == name);
            let judged = match parameter.filter(|p| takes.parameters.contains(p)) {
                None => Err(unknown(takes)),
                Some(_) if seen.contains(&name.as_str()) => {
                    Err(("只能给出一次".to_owned(), "is given more than once".to_owned()))
                }
                Some(parameter) => asked.take(parameter, value, takes),
            };
            seen.push(name);
            faults.extend(judged.err().map(|fault| (name.clone(), fault)));
        }
        let is_clean = faults.is_empty();
        faults.extend(asked.together(pairs, takes).filter(|_| is_clean));
        if faults.is_empty() { Ok(asked) } else { Err(refused(&faults)) }
    }

    fn take(&mut self, parameter: Parameter, value: &str, takes: &Takes) -> Result<(), Fault> {
        match parameter {
            Parameter::Bbox => self.bbox = Some(Bounds::parsed(value)?),
            Parameter::Datetime => self.window = Some(window(value)?),
            // More than the most is not a fault: the most is given.
            Parameter::Limit => self.limit = whole(value, 1)?.min(takes.most),
            Parameter::SubTrajectory | Parameter::SubTemporalValue => self.is_cut = flag(value)?,
            Parameter::Leaf => self.leaves = Some(leaves(value)?),
            Parameter::After => {
                self.after = Some(i64::try_from(whole(value, 0)?).unwrap_or(i64::MAX));
            }
        }
        Ok(())
    }

    /// What is wrong between parameters that are right by themselves.
    fn together(&self, pairs: &[(String, String)], takes: &Takes) -> Option<(String, Fault)> {
        let of = |parameter: Parameter| pairs.iter().find(|(name, _)| name == parameter.name());
        let cut = of(Parameter::SubTrajectory).or(of(Parameter::SubTemporalValue));
        let (name, _) = cut.filter(|_| self.is_cut)?;
        let fault = |zh: String, en: String| Some((name.clone(), (zh, en)));
        if self.leaves.is_some() {
            return fault("不能与 leaf 同时使用".to_owned(), "does not go with leaf".to_owned());
        }
        let bounded = of(Parameter::Datetime).filter(|(_, value)| {
            value.split_once('/').is_some_and(|(from, to)| !is_open(from) && !is_open(to))
        });
        if bounded.is_none() {
            return fault(
                "须同时给出两端都有时间的 datetime，例如 2026-11-27T00:00:00Z/2026-11-27T08:00:00Z"
                    .to_owned(),
                "needs a datetime with both ends, such as 2026-11-27T00:00:00Z/2026-11-27T08:00:00Z"
                    .to_owned(),
            );
        }
        let (hours, window) = (takes.most_hours?, self.window.as_ref()?);
        if window.end() - window.start() > hours * 3_600_000 {
            return fault(
                format!("所截取的时段最长 {hours} 小时；请缩短 datetime，或按车辆查询 tgsequence"),
                format!(
                    "cuts at most {hours} h; ask for less time, or for the tgsequence of one vehicle"
                ),
            );
        }
        None
    }
}

impl Bounds {
    fn parsed(text: &str) -> Result<Self, Fault> {
        let shown = || {
            (
                format!(
                    "“{text}”须为 4 或 6 个用逗号分隔的数：西,南,东,北（度，WGS 84），南不大于北"
                ),
                format!(
                    "{text:?} is not 4 or 6 numbers, west,south,east,north in degrees of WGS 84, south first"
                ),
            )
        };
        let parsed: Result<Vec<f64>, _> = text.split(',').map(|n| n.trim().parse()).collect();
        let sides = match parsed.map_err(|_not_a_number| shown())?.as_slice() {
            [west, south, east, north] | [west, south, _, east, north, _] => {
                [*west, *south, *east, *north]
            }
            _ => return Err(shown()),
        };
        let [west, south, east, north] = sides;
        let is_on_earth = [west, east].iter().all(|lon| (-180.0..=180.0).contains(lon))
            && [south, north].iter().all(|lat| (-90.0..=90.0).contains(lat));
        if is_on_earth && south <= north { Ok(Self(sides)) } else { Err(shown()) }
    }

    /// Whether a place (lon, lat) lies in it or on its edge.
    pub(crate) fn contains(&self, [lon, lat]: [f64; 2]) -> bool {
        let [west, south, east, north] = self.0;
        let is_between =
            if west <= east { (west..=east).contains(&lon) } else { lon >= west || lon <= east };
        is_between && (south..=north).contains(&lat)
    }

    /// Whether the way through these places (lon, lat) touches it.
    pub(crate) fn is_crossed(&self, way: &[[f64; 2]]) -> bool {
        let [west, south, east, north] = self.0;
        let parts: &[[f64; 4]] = if west <= east {
            &[[west, south, east, north]]
        } else {
            &[[west, south, 180.0, north], [-180.0, south, east, north]]
        };
        way.iter().any(|place| self.contains(*place))
            || way.windows(2).any(|leg| parts.iter().any(|sides| enters(leg, *sides)))
    }
}

/// Whether a straight leg has a point in a box (Liang and Barsky, 1984).
fn enters(leg: &[[f64; 2]], [west, south, east, north]: [f64; 4]) -> bool {
    let [from, to] = leg else { return false };
    let (mut first, mut last) = (0.0_f64, 1.0_f64);
    for (start, way, least, most) in
        [(from[0], to[0] - from[0], west, east), (from[1], to[1] - from[1], south, north)]
    {
        if way == 0.0 {
            if start < least || start > most {
                return false;
            }
            continue;
        }
        let (a, b) = ((least - start) / way, (most - start) / way);
        first = first.max(a.min(b));
        last = last.min(a.max(b));
    }
    first <= last
}

fn whole(text: &str, least: usize) -> Result<usize, Fault> {
    text.parse::<usize>().ok().filter(|n| *n >= least).ok_or_else(|| {
        (
            format!("“{text}”须为不小于 {least} 的整数"),
            format!("{text:?} is not a whole number of at least {least}"),
        )
    })
}

fn flag(text: &str) -> Result<bool, Fault> {
    text.parse().map_err(|_neither| {
        (format!("“{text}”须为 true 或 false"), format!("{text:?} is neither true nor false"))
    })
}

/// A moment, or an interval with `..` or nothing for an end that is open.
fn window(text: &str) -> Result<RangeInclusive<i64>, Fault> {
    let Some((from, to)) = text.split_once('/') else {
        let at = moment(text)?;
        return Ok(at..=at);
    };
    let end = |text: &str, open: &OffsetDateTime| {
        if is_open(text) { Ok(epoch_ms(*open)) } else { moment(text) }
    };
    let (from, to) = (end(from, EVER.start())?, end(to, EVER.end())?);
    if from > to {
        return Err((
            format!("“{text}”的开始时间晚于结束时间"),
            format!("{text:?} ends before it begins"),
        ));
    }
    Ok(from..=to)
}

fn is_open(end: &str) -> bool {
    matches!(end, "" | "..")
}

fn leaves(text: &str) -> Result<Vec<i64>, Fault> {
    let moments = text.split(',').map(|leaf| moment(leaf.trim().trim_matches('"')));
    let moments = moments.collect::<Result<Vec<i64>, Fault>>()?;
    if !moments.is_sorted_by(|a, b| a < b) {
        return Err((
            "各时刻须依次递增".to_owned(),
            "has moments that are not each later than the one before".to_owned(),
        ));
    }
    let longest_ms = LEAVES_DAYS * 86_400_000;
    let is_near = moments.first().zip(moments.last()).is_some_and(|(a, b)| b - a <= longest_ms);
    if moments.len() > MOST_LEAVES || !is_near {
        return Err((
            format!("最多 {MOST_LEAVES} 个时刻，首尾相距不超过 {LEAVES_DAYS} 天；请分次查询"),
            format!(
                "has at most {MOST_LEAVES} moments within {LEAVES_DAYS} days; ask for them in pieces"
            ),
        ));
    }
    Ok(moments)
}

/// Epoch milliseconds; what is beyond all that can be on file comes to its end.
fn moment(text: &str) -> Result<i64, Fault> {
    let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_source| {
        (
            format!("“{text}”不是带时区的时间，例如 2026-11-23T08:00:00+08:00"),
            format!("{text:?} is not a time with a zone such as 2026-11-23T08:00:00+08:00"),
        )
    })?;
    Ok(epoch_ms(at.clamp(*EVER.start(), *EVER.end())))
}

fn epoch_ms(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or_default()
}

fn unknown(takes: &Takes) -> Fault {
    let known: Vec<&str> = takes.parameters.iter().map(|p| p.name()).collect();
    if known.is_empty() {
        return (
            "此处没有查询参数".to_owned(),
            "is not known: there are no parameters here".to_owned(),
        );
    }
    (
        format!("不是此处的查询参数，可用：{}", known.join("、")),
        format!("is not known; there are: {}", known.join(", ")),
    )
}

fn refused(faults: &[(String, Fault)]) -> ApiError {
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for (name, fault) in faults {
        zh.push(format!("参数 {name}：{}", fault.0));
        en.push(format!("{name} {}", fault.1));
    }
    let errors = faults
        .iter()
        .map(|(name, fault)| json!({"parameter": name, "detail": {"zh": fault.0, "en": fault.1}}));
    ApiError::bad_request(&zh.join("；"), &en.join("; ")).with_errors(errors.collect())
}

fn percent_decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        let coded = more.get(..2).filter(|_| *first == b'%');
        let digits = coded.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = rest.get(2..).unwrap_or_default();
            }
            None => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TAKES: Takes = Takes {
        parameters: &[
            Parameter::Bbox,
            Parameter::Datetime,
            Parameter::Limit,
            Parameter::SubTrajectory,
            Parameter::Leaf,
            Parameter::After,
        ],
        default_limit: 10,
        most: 100,
        most_hours: Some(24),
    };

    fn asked(query: &str) -> Result<Asked, String> {
        Asked::judged(&pairs(query), &TAKES).map_err(|error| error.problem().to_string())
    }

    #[test]
    fn what_is_asked_for_is_read() {
        let all = asked(
            "bbox=105,36,106.5,37&datetime=2026-11-27T08:00:00%2B08:00/..&limit=5000&after=7",
        )
        .unwrap();
        assert_eq!(all.bbox, Some(Bounds([105.0, 36.0, 106.5, 37.0])));
        assert_eq!(all.window.as_ref().map(|w| *w.start()), Some(1_795_737_600_000));
        assert_eq!((all.limit, all.after, all.is_cut), (100, Some(7), false));
        let plain = asked("").unwrap();
        assert_eq!((plain.limit, plain.window, plain.leaves), (10, None, None));
        let leaves =
            asked("leaf=\"2026-11-27T00:00:00Z\",2026-11-27T08:00:01+08:00").unwrap().leaves;
        assert_eq!(leaves, Some(vec![1_795_737_600_000, 1_795_737_601_000]));
        let cut = asked("subTrajectory=true&datetime=2026-11-27T00:00:00Z/2026-11-28T00:00:00Z");
        assert!(cut.unwrap().is_cut);
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_parameter() {
        let faults = asked("bbox=1,2,3&datetime=yesterday&limit=0&leaf=2026&colour=red&after=-1")
            .unwrap_err();
        for name in ["bbox", "datetime", "limit", "leaf", "colour", "after"] {
            assert!(faults.contains(&format!("\"parameter\":\"{name}\"")), "{name} in {faults}");
        }
    }

    #[test]
    fn what_does_not_go_together_is_told() {
        for (query, part) in [
            ("subTrajectory=true", "both ends"),
            ("subTrajectory=true&datetime=2026-11-27T00:00:00Z", "both ends"),
            ("subTrajectory=true&datetime=2026-11-27T00:00:00Z/..", "both ends"),
            (
                "subTrajectory=true&datetime=2026-11-27T00:00:00Z/2026-11-28T00:00:01Z",
                "at most 24 h",
            ),
            (
                "subTrajectory=true&datetime=2026-11-27T00:00:00Z/2026-11-27T01:00:00Z&leaf=2026-11-27T00:00:00Z",
                "leaf",
            ),
            ("datetime=2026-11-28T00:00:00Z/2026-11-27T00:00:00Z", "ends before it begins"),
            ("leaf=2026-11-27T00:00:00Z,2026-11-27T00:00:00Z", "later than the one before"),
            ("leaf=2026-11-01T00:00:00Z,2026-11-27T00:00:00Z", "within 7 days"),
            ("limit=1&limit=2", "more than once"),
            ("bbox=105,37,106,36", "south first"),
            ("bbox=105,36,190,37", "south first"),
        ] {
            let fault = asked(query).unwrap_err();
            assert!(fault.contains(part), "{query}: {fault}");
        }
    }

    #[test]
    fn a_box_may_lie_across_the_antimeridian_and_a_way_may_only_pass_through() {
        let bounds = Bounds::parsed("179,-1,0,-179,1,9").unwrap();
        assert!(bounds.contains([180.0, 0.0]) && bounds.contains([-179.5, 1.0]));
        assert!(!bounds.contains([0.0, 0.0]));
        let bounds = Bounds::parsed("105,36,106,37").unwrap();
        assert!(bounds.is_crossed(&[[104.0, 36.5], [107.0, 36.5]]));
        assert!(bounds.is_crossed(&[[105.0, 36.0]]));
        assert!(!bounds.is_crossed(&[[104.0, 36.5], [105.5, 38.5]]), "past its corner");
        assert!(!bounds.is_crossed(&[[104.0, 36.5], [104.0, 36.6]]));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn random_queries_are_read_or_refused(
            query in prop_oneof![
                "\\PC{0,60}",
                "(bbox|datetime|limit|leaf|after|subTrajectory)=[0-9TZ:+./,%-]{0,40}(&(limit|after)=[0-9]{0,25})?",
                "datetime=[+-]?[0-9]{4,6}-[0-9]{2}-[0-9]{2}T00:00:00Z/(..)?",
            ],
        ) {
            if let Ok(asked) = asked(&query) {
                prop_assert!((1..=100).contains(&asked.limit));
                prop_assert!(asked.window.is_none_or(|w| w.start() <= w.end() && *w.start() >= epoch_ms(*EVER.start())));
            }
        }

        #[test]
        fn random_ways_cross_a_box_where_one_of_their_points_lies_in_it(
            from in (-10.0..10.0, -10.0..10.0), to in (-10.0..10.0, -10.0..10.0),
            corner in (-9.0..9.0, -9.0..9.0), size in (0.1..5.0, 0.1..5.0),
        ) {
            let bounds = Bounds([corner.0, corner.1, corner.0 + size.0, corner.1 + size.1]);
            let way = [[from.0, from.1], [to.0, to.1]];
            let point = |n: i32| {
                let part = f64::from(n) / 1_000.0;
                [from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part]
            };
            if (0..=1_000).any(|n| bounds.contains(point(n))) {
                prop_assert!(bounds.is_crossed(&way));
            }
        }
    }
}
