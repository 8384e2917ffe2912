//! Parameters of a terminal (0x8103, 0x0104).

use crate::jt808::fault::CommandFault;

/// A parameter that is read and set here, with its value. Each is a DWORD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// 0x0001: seconds from one heartbeat to the next.
    HeartbeatS(u32),
    /// 0x0027: seconds from one location to the next while the terminal sleeps.
    SleepReportS(u32),
    /// 0x0029: seconds from one location to the next.
    ReportS(u32),
    /// 0x0055: the speed beyond which the terminal tells of overspeed.
    MaxSpeedKmh(u32),
}

/// Of its value.
type Made = fn(u32) -> Parameter;

/// The parameters that have a type, by their ids.
pub(in crate::jt808) const KNOWN: [(u32, Made); 4] = [
    (0x0001, Parameter::HeartbeatS),
    (0x0027, Parameter::SleepReportS),
    (0x0029, Parameter::ReportS),
    (0x0055, Parameter::MaxSpeedKmh),
];

impl Parameter {
    /// As the standard counts them.
    pub fn id(self) -> u32 {
        match self {
            Self::HeartbeatS(_) => 0x0001,
            Self::SleepReportS(_) => 0x0027,
            Self::ReportS(_) => 0x0029,
            Self::MaxSpeedKmh(_) => 0x0055,
        }
    }

    fn value(self) -> u32 {
        match self {
            Self::HeartbeatS(value)
            | Self::SleepReportS(value)
            | Self::ReportS(value)
            | Self::MaxSpeedKmh(value) => value,
        }
    }
}

/// How many, and of each its id, the length of its value and its value; the same in every edition.
pub(super) fn body(parameters: &[Parameter]) -> Result<Vec<u8>, CommandFault> {
    if parameters.is_empty() {
        return Err(CommandFault::NoParameter);
    }
    let mut set: Vec<u32> = Vec::new();
    let mut items = Vec::new();
    for parameter in parameters {
        let (id, value) = (parameter.id(), parameter.value());
        // The standard leaves the limits to the maker; what 0 does is nowhere said.
        if value == 0 {
            return Err(CommandFault::ZeroParameter { id });
        }
        if set.contains(&id) {
            return Err(CommandFault::ParameterTwice { id });
        }
        set.push(id);
        items.extend(id.to_be_bytes());
        items.push(4);
        items.extend(value.to_be_bytes());
    }
    let mut body = vec![u8::try_from(set.len()).expect("no more than there are kinds")];
    body.extend(items);
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_says_what_the_parameters_say() {
        assert!(KNOWN.is_sorted_by(|(one, _), (other, _)| one < other));
        for (id, of) in KNOWN {
            assert_eq!((of(7).id(), of(7).value()), (id, 7));
        }
    }
}
