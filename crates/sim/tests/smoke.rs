//! Temporary.
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{InputPin, OutputPin};
use sim::*;

struct Host {
    pin: Pin,
    delay: Delay,
}
impl Host {
    fn reset(&mut self) -> bool {
        self.pin.set_low().unwrap();
        self.delay.delay_us(480);
        self.pin.set_high().unwrap();
        self.delay.delay_us(70);
        let p = self.pin.is_low().unwrap();
        self.delay.delay_us(410);
        p
    }
    fn bit(&mut self, b: bool) -> bool {
        self.pin.set_low().unwrap();
        if b {
            self.delay.delay_us(3);
            self.pin.set_high().unwrap();
            self.delay.delay_us(9);
            let r = self.pin.is_high().unwrap();
            self.delay.delay_us(53);
            r
        } else {
            self.delay.delay_us(65);
            self.pin.set_high().unwrap();
            self.delay.delay_us(5);
            false
        }
    }
    fn byte(&mut self, b: u8) -> u8 {
        let mut r = 0;
        for i in 0..8 {
            r |= u8::from(self.bit(b >> i & 1 == 1)) << i;
        }
        r
    }
}

#[test]
fn smoke() {
    for t in [Tolerance::Fastest, Tolerance::Nominal, Tolerance::Slowest] {
        let clock = Clock::new();
        let wire = Wire::new(&clock);
        let probe = wire.attach(
            Ds18b20::new(0x0000_0BBB_9B13)
                .with_milli_celsius(25_062)
                .with_tolerance(t),
        );
        println!("{:02x?}", probe.with(|p| p.rom()));
        let mut h = Host {
            pin: wire.pin(),
            delay: clock.delay(),
        };
        assert!(h.reset());
        h.byte(0xCC);
        h.byte(0xBE);
        let s: Vec<u8> = (0..9).map(|_| h.byte(0xFF)).collect();
        assert_eq!(s, [0x50, 5, 0x4b, 0x46, 0x7f, 0xff, 0xc, 0x10, 0x1c]);
        assert!(h.reset());
        h.byte(0xCC);
        h.byte(0x44);
        assert!(!h.bit(true));
        h.delay.delay_ms(750);
        assert!(h.bit(true));
        assert!(h.reset());
        h.byte(0xCC);
        h.byte(0xBE);
        let s: Vec<u8> = (0..9).map(|_| h.byte(0xFF)).collect();
        assert_eq!(s[..2], [0x91, 0x01]);
    }
}
#[test]
fn uart() {
    use embedded_io::{Read, Write};
    for t in [Tolerance::Fastest, Tolerance::Nominal, Tolerance::Slowest] {
        let clock = Clock::new();
        let wire = Wire::new(&clock);
        let _probe = wire.attach(Ds18b20::new(0x0000_0BBB_9B13).with_tolerance(t));
        let mut u = wire.uart();
        let mut b = [0; 8];
        u.write_all(&[0xF0]).unwrap();
        u.read_exact(&mut b[..1]).unwrap();
        println!("{:02x}", b[0]);
        assert!(b[0] != 0xF0);
        u.set_baud(115_200);
        let mut byte = |v: u8| {
            let o: Vec<u8> = (0..8).map(|i| if v >> i & 1 == 1 { 0xFF } else { 0 }).collect();
            u.write_all(&o).unwrap();
            let mut b = [0; 8];
            u.read_exact(&mut b).unwrap();
            b.iter().rev().fold(0u8, |a, &x| a << 1 | u8::from(x == 0xFF))
        };
        assert_eq!(byte(0x33), 0x33);
        let rom: Vec<u8> = (0..8).map(|_| byte(0xFF)).collect();
        assert_eq!(rom, [0x28, 0x13, 0x9B, 0xBB, 0x0B, 0, 0, 0x1F]);
    }
}
