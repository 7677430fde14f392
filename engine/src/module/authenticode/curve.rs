//! Elliptic curves over prime fields, for verifying only.
//!
//! Hides the coordinates: points are kept as x/z² and y/z³, so that only
//! the last step divides.

use const_oid::ObjectIdentifier;
use num_bigint::BigUint;

use super::names::oid;

const P256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = oid("1.3.132.0.34");

/// A curve y² = x³ - 3x + b.
pub(super) struct Curve {
    prime: BigUint,
    b: BigUint,
    order: BigUint,
    base: Point,
}

/// A point; with z = 0 it is the one at infinity.
#[derive(Clone)]
struct Point {
    x: BigUint,
    y: BigUint,
    z: BigUint,
}

impl Curve {
    /// One of the curves of the United States' standard.
    pub(super) fn named(id: ObjectIdentifier) -> Option<Self> {
        let [prime, b, order, x, y] = if id == P256 {
            [
                "ffffffff00000001000000000000000000000000\
                 ffffffffffffffffffffffff",
                "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0\
                 cc53b0f63bce3c3e27d2604b",
                "ffffffff00000000ffffffffffffffffbce6faad\
                 a7179e84f3b9cac2fc632551",
                "6b17d1f2e12c4247f8bce6e563a440f277037d81\
                 2deb33a0f4a13945d898c296",
                "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce3357\
                 6b315ececbb6406837bf51f5",
            ]
        } else if id == P384 {
            [
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
                 fffffffeffffffff0000000000000000ffffffff",
                "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f\
                 5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
                "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81\
                 f4372ddf581a0db248b0a77aecec196accc52973",
                "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e0\
                 82542a385502f25dbf55296c3a545e3872760ab7",
                "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113\
                 b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
            ]
        } else {
            return None;
        };
        let number =
            |digits: &str| BigUint::parse_bytes(digits.as_bytes(), 16);
        Some(Self {
            prime: number(prime)?,
            b: number(b)?,
            order: number(order)?,
            base: Point { x: number(x)?, y: number(y)?, z: number("1")? },
        })
    }

    /// The number of points.
    pub(super) fn order(&self) -> &BigUint {
        &self.order
    }

    /// Whether a signature fits a digest and an uncompressed point.
    pub(super) fn verifies(
        &self,
        key: &[u8],
        digest: &BigUint,
        r: &BigUint,
        s: &BigUint,
    ) -> bool {
        let (Some(key), Some(w)) = (self.point(key), s.modinv(&self.order))
        else {
            return false;
        };
        let first = digest * &w % &self.order;
        let second = r * &w % &self.order;
        let both = self.add(&self.base, &key);
        let mut sum = self.infinity();
        for bit in (0..self.order.bits()).rev() {
            sum = self.double(&sum);
            let term = match (first.bit(bit), second.bit(bit)) {
                (true, true) => &both,
                (true, false) => &self.base,
                (false, true) => &key,
                (false, false) => continue,
            };
            sum = self.add(&sum, term);
        }
        let Some(inverse) = sum.z.modinv(&self.prime) else { return false };
        let x = sum.x * &inverse * &inverse % &self.prime;
        x % &self.order == *r
    }

    fn infinity(&self) -> Point {
        let (zero, one) = (BigUint::ZERO, BigUint::from(1_u8));
        Point { x: one.clone(), y: one, z: zero }
    }

    /// Reads a point and checks that it lies on the curve.
    fn point(&self, bytes: &[u8]) -> Option<Point> {
        let size = self.prime.bits().div_ceil(8) as usize;
        let (x, y) = bytes.strip_prefix(&[4])?.split_at_checked(size)?;
        let x = BigUint::from_bytes_be(x);
        let y = BigUint::from_bytes_be(y);
        let left = self.times(&y, &y);
        let cube = self.times(&self.times(&x, &x), &x);
        let three = BigUint::from(3_u8);
        let right = self.less(&(cube + &self.b), &self.times(&three, &x));
        let inside = x < self.prime && y < self.prime;
        (inside && left == right).then_some(Point {
            x,
            y,
            z: BigUint::from(1_u8),
        })
    }

    fn times(&self, a: &BigUint, b: &BigUint) -> BigUint {
        a * b % &self.prime
    }

    /// The difference of two numbers; the second one is reduced.
    fn less(&self, a: &BigUint, b: &BigUint) -> BigUint {
        (a + &self.prime - b) % &self.prime
    }

    fn double(&self, p: &Point) -> Point {
        let square = |n: &BigUint| self.times(n, n);
        let (zz, yy) = (square(&p.z), square(&p.y));
        let low = self.less(&p.x, &zz);
        let slope = self.times(&(&p.x + &zz), &low) * 3_u8 % &self.prime;
        let xyy = self.times(&p.x, &yy) * 4_u8 % &self.prime;
        let x = self.less(&square(&slope), &(&xyy * 2_u8 % &self.prime));
        let yyyy = square(&yy) * 8_u8 % &self.prime;
        let y = self.less(&self.times(&slope, &self.less(&xyy, &x)), &yyyy);
        let z = self.times(&p.y, &p.z) * 2_u8 % &self.prime;
        Point { x, y, z }
    }

    fn add(&self, a: &Point, b: &Point) -> Point {
        if a.z == BigUint::ZERO {
            return b.clone();
        }
        if b.z == BigUint::ZERO {
            return a.clone();
        }
        let square = |n: &BigUint| self.times(n, n);
        let (az, bz) = (square(&a.z), square(&b.z));
        let (ax, bx) = (self.times(&a.x, &bz), self.times(&b.x, &az));
        let ay = self.times(&a.y, &self.times(&bz, &b.z));
        let by = self.times(&b.y, &self.times(&az, &a.z));
        let (h, slope) = (self.less(&bx, &ax), self.less(&by, &ay));
        if h == BigUint::ZERO {
            return match slope == BigUint::ZERO {
                true => self.double(a),
                false => self.infinity(),
            };
        }
        let hh = square(&h);
        let hhh = self.times(&hh, &h);
        let middle = self.times(&ax, &hh);
        let twice = (&hhh + &middle * 2_u8) % &self.prime;
        let x = self.less(&square(&slope), &twice);
        let y = self.less(
            &self.times(&slope, &self.less(&middle, &x)),
            &self.times(&ay, &hhh),
        );
        Point { z: self.times(&self.times(&a.z, &b.z), &h), x, y }
    }
}
