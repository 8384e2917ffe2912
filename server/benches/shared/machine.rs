//! What a benchmark ran on, for the head of its report.

/// What it ran on.
pub(crate) fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        let line = text.lines().find(|l| l.starts_with(key)).unwrap_or_default();
        line.split_once(':').map(|(_, v)| v.trim().to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let (cpu, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    format!(
        "{cores} cores of {}, {} of memory, profile {profile}",
        value(&cpu, "model name"),
        value(&memory, "MemTotal")
    )
}
