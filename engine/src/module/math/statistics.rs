//! Statistics over bytes, in the order of operations that both peers use: a
//! rule that compares with a float must get the same last digit.

/// How often each byte occurs.
pub(super) struct Histogram {
    counts: [u64; 256],
    total: u64,
}

impl Histogram {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut counts = [0; 256];
        for &byte in bytes {
            counts[usize::from(byte)] += 1;
        }
        Self { counts, total: bytes.len() as u64 }
    }

    pub(super) fn count(&self, byte: u8) -> u64 {
        self.counts[usize::from(byte)]
    }

    /// The share of a byte; undefined for no bytes.
    pub(super) fn fraction(&self, byte: u8) -> Option<f64> {
        self.per_byte(self.count(byte) as f64)
    }

    /// The most frequent byte, the lowest of several.
    pub(super) fn mode(&self) -> Option<u8> {
        if self.total == 0 {
            return None;
        }
        let all = (0..=255_u8).rev();
        all.max_by_key(|&byte| self.count(byte))
    }

    /// Bits per byte; 0 for no bytes.
    pub(super) fn entropy(&self) -> f64 {
        let mut entropy = 0.0;
        for &count in self.counts.iter().filter(|&&count| count != 0) {
            let share = count as f64 / self.total as f64;
            entropy -= share * share.log2();
        }
        entropy
    }

    /// The mean byte; undefined for no bytes.
    pub(super) fn mean(&self) -> Option<f64> {
        self.per_byte(self.sum(|byte| byte))
    }

    /// The mean distance from `mean`; undefined for no bytes.
    pub(super) fn deviation(&self, mean: f64) -> Option<f64> {
        self.per_byte(self.sum(|byte| (byte - mean).abs()))
    }

    fn sum(&self, weight: impl Fn(f64) -> f64) -> f64 {
        let mut sum = 0.0;
        for (byte, &count) in self.counts.iter().enumerate() {
            sum += weight(byte as f64) * count as f64;
        }
        sum
    }

    fn per_byte(&self, sum: f64) -> Option<f64> {
        (self.total != 0).then(|| sum / self.total as f64)
    }
}

/// What the correlation of bytes that are all alike, or of none, counts as.
const NO_CORRELATION: f64 = -100_000.0;

/// How much each byte depends on the one before it; the last is followed by
/// the first.
pub(super) fn serial_correlation(bytes: &[u8]) -> Option<f64> {
    let Some((&first, &last)) = bytes.first().zip(bytes.last()) else {
        return Some(NO_CORRELATION);
    };
    // Sums of whole numbers are exact, whatever their order.
    let (mut sum, mut squares) = (0_u64, 0_u64);
    for &byte in bytes {
        sum += u64::from(byte);
        squares += u64::from(byte) * u64::from(byte);
    }
    let mut products = u64::from(last) * u64::from(first);
    for pair in bytes.windows(2) {
        products += u64::from(pair[0]) * u64::from(pair[1]);
    }
    let length = bytes.len() as f64;
    let sum_squared = sum as f64 * sum as f64;
    let result = (length * products as f64 - sum_squared)
        / (length * squares as f64 - sum_squared);
    Some(if result.is_nan() { NO_CORRELATION } else { result })
}

/// Takes six bytes at a time as a point of a square and tells how far the
/// share of points inside the circle is from that of the areas, relative to
/// π. Undefined for less than six bytes.
pub(super) fn monte_carlo_pi(bytes: &[u8]) -> Option<f64> {
    const RADIUS: u64 = (1 << 24) - 1;
    let (mut inside, mut points) = (0_u64, 0_u64);
    for point in bytes.chunks_exact(6) {
        let (x, y) = (coordinate(&point[..3]), coordinate(&point[3..]));
        inside += u64::from(x * x + y * y < RADIUS * RADIUS);
        points += 1;
    }
    if points == 0 {
        return None;
    }
    let pi = 4.0 * (inside as f64 / points as f64);
    Some((pi - std::f64::consts::PI).abs() / std::f64::consts::PI)
}

fn coordinate(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte))
}
