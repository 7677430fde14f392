//! Dates as days, for systems that store years, months and days.

/// Days from 1970 to a date of the Gregorian calendar; the year starts in
/// March, so that the day that leap years have more is the last one.
pub(super) fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let late = month > 2;
    let year = if late { year } else { year.checked_sub(1)? };
    let month = month.checked_add(if late { -3 } else { 9 })?;
    let in_year = month
        .checked_mul(153)?
        .checked_add(2)?
        .checked_div(5)?
        .checked_add(day)?;
    let leaps = year
        .checked_div(4)?
        .checked_sub(year.checked_div(100)?)?
        .checked_add(year.checked_div(400)?)?;
    // Year 0 to 1970.
    year.checked_mul(365)?
        .checked_add(leaps)?
        .checked_add(in_year)?
        .checked_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leap_years() {
        assert_eq!(days(1970, 1, 1), Some(0));
        assert_eq!(days(2000, 2, 29), Some(11_016));
        assert_eq!(days(2000, 3, 1), Some(11_017));
        assert_eq!(days(2100, 3, 1), Some(47_541));
    }
}
