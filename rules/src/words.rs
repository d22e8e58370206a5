//! Durations, counts and sizes as people write them.

use std::time::Duration;

/// A duration as people write it: `10 min`, `90 s`, `1 h 30 min`.
pub fn duration_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    const YEAR: u64 = 365 * 24 * 3600;
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        s if s >= 20 * YEAR => "20+ years".to_owned(),
        s if s % 86_400 == 0 => format!("{} d", s / 86_400),
        s if s % 3600 == 0 => format!("{} h", s / 3600),
        s if s >= 3600 && s % 60 == 0 => format!("{} h {} min", s / 3600, s % 3600 / 60),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

/// A count with a comma between thousands: `18,000`; a fraction keeps two places.
pub fn count_words(count: f64) -> String {
    let whole = format!("{:.0}", count.trunc());
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let fraction = format!("{:.2}", count.fract());
    let fraction = fraction.trim_start_matches('0').trim_end_matches('0').trim_end_matches('.');
    // A value that rounds up to a whole number has no fraction left to print.
    if fraction.starts_with('.') { grouped + fraction } else { grouped }
}

/// Bytes in the decimal unit that leaves the shortest number: `180 GB`, `1.5 MB`.
pub fn bytes_words(bytes: f64) -> String {
    const UNITS: [(&str, f64); 5] = [("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    match UNITS.into_iter().find(|(_, size)| bytes >= *size) {
        Some((unit, size)) => format!("{} {unit}", count_words((bytes / size * 100.0).round() / 100.0)),
        None => format!("{} bytes", count_words(bytes.round())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        assert_eq!(count_words(18_000.0), "18,000");
        assert_eq!(count_words(0.25), "0.25");
        assert_eq!(count_words(999.0), "999");
        assert_eq!(count_words(1_234_567.5), "1,234,567.5");
        assert_eq!(bytes_words(180e9), "180 GB");
        assert_eq!(bytes_words(1.5e6), "1.5 MB");
        assert_eq!(bytes_words(12.0), "12 bytes");
    }
}
