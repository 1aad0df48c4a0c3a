//! The keys that change the load. Presses in quick succession make one change, so that a key that is held down does not make hundreds.

use load_plan::load::ChangeSource;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::live_load::LiveLoad;

/// The number of waits without a key after which the pressed keys apply.
const QUIET_WAITS: u32 = 4;

/// The keys pressed since the last change.
#[derive(Debug, Default)]
pub(super) struct LoadKeys {
    is_reset: bool,
    /// The sum of the steps, in tenths of the plan.
    tenths: i32,
    /// The waits since the last key.
    quiet_waits: u32,
    /// What the screen shows about the keys.
    message: Option<String>,
}

impl LoadKeys {
    /// Records a key. Returns whether it changes the load.
    pub(super) fn press(&mut self, key: KeyEvent) -> bool {
        let is_plain = (key.modifiers - KeyModifiers::SHIFT).is_empty() && key.kind != KeyEventKind::Release;
        match key.code {
            // The same keys without and with Shift.
            KeyCode::Char('+' | '=') if is_plain => self.tenths = self.tenths.saturating_add(1),
            KeyCode::Char('-' | '_') if is_plain => self.tenths = self.tenths.saturating_sub(1),
            KeyCode::Char('0') if is_plain => (self.is_reset, self.tenths) = (true, 0),
            _ => return false,
        }
        self.quiet_waits = 0;
        let from = if self.is_reset { "load: the plan" } else { "load: as now" };
        let percent = i64::from(self.tenths) * 10;
        self.message = Some(if percent == 0 { from.to_owned() } else { format!("{from} {percent:+} %") });
        true
    }

    /// Applies the keys once no key has been pressed for a while. Returns whether the message has changed.
    pub(super) fn apply_when_quiet(&mut self, load: &LiveLoad) -> bool {
        if !self.is_reset && self.tenths == 0 {
            return false;
        }
        self.quiet_waits += 1;
        if self.quiet_waits < QUIET_WAITS {
            return false;
        }
        let (is_reset, tenths) = (std::mem::take(&mut self.is_reset), std::mem::take(&mut self.tenths));
        let changed = load.step(is_reset, tenths, ChangeSource::Screen);
        self.message = changed.err().map(|error| format!("the load was not changed: {error}"));
        true
    }

    /// What the screen shows about the keys.
    pub(super) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use load_plan::load::{Load, LoadChange, LoadSpec, Rate};
    use scenario::Scenario;

    use super::*;
    use crate::clock::{RunClock, virtual_time};

    fn press(keys: &mut LoadKeys, pressed: &str) {
        for key in pressed.chars() {
            assert!(keys.press(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)), "{key}");
        }
    }

    fn last_change(load: &Load) -> Option<LoadChange> {
        load.changes().last().map(|last| last.change)
    }

    #[test]
    fn quick_presses_make_one_change() {
        let _runtime = virtual_time::runtime();
        let load = LoadSpec::rate(Rate::per_second(100.0).unwrap(), Duration::from_mins(1)).check().unwrap();
        let scenario = Scenario::default();
        let load = LiveLoad::new(RunClock::start(1.0, scenario.timestamps, scenario.start()), load, 1);
        let mut keys = LoadKeys::default();
        for (pressed, message, changed) in [
            ("+=+", "load: as now +30 %", Some(1.3)),
            ("--_-", "load: as now -40 %", Some(0.9)),
            ("+-", "load: as now", Some(0.9)),
            ("+0-", "load: the plan -10 %", Some(0.9)),
            ("0", "load: the plan", Some(1.0)),
        ] {
            press(&mut keys, pressed);
            assert_eq!(keys.message(), Some(message));
            let before = load.current().changes().len();
            for _ in 1..QUIET_WAITS {
                assert!(!keys.apply_when_quiet(&load));
                assert_eq!(load.current().changes().len(), before, "{pressed}");
            }
            keys.apply_when_quiet(&load);
            assert_eq!(last_change(&load.current()), changed.map(LoadChange::Factor), "{pressed}");
            assert!(load.current().changes().len() <= before + 1, "{pressed}");
        }
        load.close();
        press(&mut keys, "+");
        assert_eq!((0..QUIET_WAITS).filter(|_| keys.apply_when_quiet(&load)).count(), 1);
        assert_eq!(keys.message(), Some("the load was not changed: the run has ended"));
        virtual_time::end();
    }

    #[test]
    fn other_keys_change_nothing() {
        let mut keys = LoadKeys::default();
        for (key, modifiers) in [('q', KeyModifiers::NONE), ('1', KeyModifiers::NONE), ('+', KeyModifiers::CONTROL)] {
            assert!(!keys.press(KeyEvent::new(KeyCode::Char(key), modifiers)), "{key}");
        }
        assert_eq!(keys.message(), None);
    }
}
