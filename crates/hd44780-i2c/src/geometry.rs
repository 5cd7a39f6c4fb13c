//! Where the rows of a module lie in display memory.
//!
//! Display memory is 80 cells. They are numbered here in the order in which the address counter runs through them: with
//! one line that is 0x00 to 0x4F, with two 0x00 to 0x27 and then 0x40 to 0x67.

/// The number of cells.
pub(crate) const CELLS: u8 = 80;

/// Columns and rows of a module, and how they are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Geometry {
    /// One row of 8.
    Lcd8x1,
    /// One row of 16 whose address counter runs from 0x00 to 0x0F. Rare.
    Lcd16x1,
    /// One row of 16 whose right half begins at 0x40: most 16x1.
    Lcd16x1Split,
    /// Two rows of 8.
    Lcd8x2,
    /// Two rows of 16.
    Lcd16x2,
    /// Two rows of 20.
    Lcd20x2,
    /// Two rows of 24.
    Lcd24x2,
    /// Two rows of 40.
    Lcd40x2,
    /// Four rows of 16: row 2 follows row 0 in memory, row 3 follows row 1.
    Lcd16x4,
    /// Four rows of 20: row 2 follows row 0 in memory, row 3 follows row 1.
    Lcd20x4,
}

impl Geometry {
    /// The visible columns.
    pub const fn columns(self) -> u8 {
        match self {
            Self::Lcd8x1 | Self::Lcd8x2 => 8,
            Self::Lcd16x1 | Self::Lcd16x1Split | Self::Lcd16x2 | Self::Lcd16x4 => 16,
            Self::Lcd20x2 | Self::Lcd20x4 => 20,
            Self::Lcd24x2 => 24,
            Self::Lcd40x2 => 40,
        }
    }

    /// The rows.
    pub const fn rows(self) -> u8 {
        match self {
            Self::Lcd8x1 | Self::Lcd16x1 | Self::Lcd16x1Split => 1,
            Self::Lcd8x2 | Self::Lcd16x2 | Self::Lcd20x2 | Self::Lcd24x2 | Self::Lcd40x2 => 2,
            Self::Lcd16x4 | Self::Lcd20x4 => 4,
        }
    }

    /// How many characters fit in a row, including those to the right of the visible ones, which a
    /// [shift](crate::Screen::set_shift) brings in sight: 80 if there is one row, 40 if there are two, and none but
    /// the visible ones if there are four, or if one row is split.
    pub const fn row_length(self) -> u8 {
        match self {
            Self::Lcd8x1 | Self::Lcd16x1 => 80,
            Self::Lcd8x2 | Self::Lcd16x2 | Self::Lcd20x2 | Self::Lcd24x2 | Self::Lcd40x2 => 40,
            Self::Lcd16x1Split | Self::Lcd16x4 | Self::Lcd20x4 => self.columns(),
        }
    }

    /// Whether the controller works with two lines of 40.
    pub(crate) const fn two_lines(self) -> bool {
        !matches!(self, Self::Lcd8x1 | Self::Lcd16x1)
    }

    /// The length of the controller's line, in which a shift goes round.
    pub(crate) const fn line(self) -> u8 {
        if self.two_lines() { 40 } else { CELLS }
    }

    /// The cell of a position.
    pub(crate) const fn cell(self, row: u8, column: u8) -> Option<u8> {
        if row >= self.rows() || column >= self.row_length() {
            return None;
        }
        Some(match (self, row) {
            (Self::Lcd16x1Split, _) if column >= 8 => 40 + (column - 8),
            (_, 0) => column,
            (_, 1) => 40 + column,
            (_, 2) => self.columns() + column,
            _ => 40 + self.columns() + column,
        })
    }

    /// The address of a cell.
    pub(crate) const fn address(self, cell: u8) -> u8 {
        if self.two_lines() && cell >= 40 {
            0x40 + (cell - 40)
        } else {
            cell
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(geometry: Geometry, row: u8, column: u8) -> Option<u8> {
        geometry.cell(row, column).map(|cell| geometry.address(cell))
    }

    #[test]
    fn rows_start_where_the_modules_have_them() {
        for (geometry, addresses) in [
            (Geometry::Lcd8x1, &[0x00][..]),
            (Geometry::Lcd16x1, &[0x00]),
            (Geometry::Lcd16x1Split, &[0x00]),
            (Geometry::Lcd8x2, &[0x00, 0x40]),
            (Geometry::Lcd16x2, &[0x00, 0x40]),
            (Geometry::Lcd20x2, &[0x00, 0x40]),
            (Geometry::Lcd24x2, &[0x00, 0x40]),
            (Geometry::Lcd40x2, &[0x00, 0x40]),
            (Geometry::Lcd16x4, &[0x00, 0x40, 0x10, 0x50]),
            (Geometry::Lcd20x4, &[0x00, 0x40, 0x14, 0x54]),
        ] {
            assert_eq!(usize::from(geometry.rows()), addresses.len());
            for (row, &address) in (0..).zip(addresses) {
                assert_eq!(start(geometry, row, 0), Some(address), "{geometry:?} row {row}");
            }
        }
    }

    #[test]
    fn the_right_half_of_a_split_row_is_the_second_line() {
        assert_eq!(start(Geometry::Lcd16x1Split, 0, 7), Some(0x07));
        assert_eq!(start(Geometry::Lcd16x1Split, 0, 8), Some(0x40));
        assert_eq!(start(Geometry::Lcd16x1, 0, 8), Some(0x08));
    }

    #[test]
    fn positions_end_with_the_line() {
        assert_eq!(start(Geometry::Lcd16x2, 1, 39), Some(0x67));
        assert_eq!(start(Geometry::Lcd16x2, 1, 40), None);
        assert_eq!(start(Geometry::Lcd16x2, 2, 0), None);
        assert_eq!(start(Geometry::Lcd8x1, 0, 79), Some(0x4F));
        assert_eq!(start(Geometry::Lcd20x4, 3, 19), Some(0x67));
        assert_eq!(start(Geometry::Lcd20x4, 3, 20), None);
    }
}
