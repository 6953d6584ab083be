//  What training does to its images: the same images in every row, each row after another change, or in another epoch.

internal import Canvas
internal import Foundation
public import Raster
internal import Results
internal import Storage

/// A contact sheet of augmented images.
public struct AugmentationSheet {
  /// A column's image as it is.
  public struct Original: Sendable {
    public var image: Image
    /// Its row in the training images.
    public var row: Int
    public var label: Int

    public init(image: Image, row: Int, label: Int) {
      (self.image, self.row, self.label) = (image, row, label)
    }
  }

  /// What became of it.
  public struct Cell: Sendable {
    public var image: Image
    /// The column whose image was mixed in, and the share that is left of the image itself; nil where it is alone.
    public var partner: (column: Int, share: Double)?

    public init(image: Image, partner: (column: Int, share: Double)? = nil) {
      (self.image, self.partner) = (image, partner)
    }
  }

  public struct Row: Sendable {
    /// What was done, in words of `--augmentation`, or the epoch.
    public var name: String
    /// One for each of the originals.
    public var cells: [Cell]

    public init(name: String, cells: [Cell]) {
      (self.name, self.cells) = (name, cells)
    }
  }

  public var originals: [Original]
  public var rows: [Row]
  public var classNames: [String]
  /// Data set, augmentation and seed, for the subtitle.
  public var setting: String

  public init(originals: [Original], rows: [Row], classNames: [String], setting: String) {
    (self.originals, self.rows, self.classNames, self.setting) = (originals, rows, classNames, setting)
  }

  private static let (gap, heading, lineHeight) = (10.0, 18.0, 11.0)

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let scale = ImageScale(48, for: originals.first?.image)
    let pitch = scale.side + Self.gap
    let names = ["as it is"] + rows.map(\.name)
    let margin = (names.map { ruler.width(of: $0, font: Theme.label) }.max() ?? 0) + 14
    // Where the page has not the width for all images, the first ones are drawn.
    let room = Page.bodyRoom.isFinite ? Int((Page.bodyRoom - margin + Self.gap) / pitch) : originals.count
    let columns = min(max(1, room), originals.count)
    let heights =
      [scale.side + Self.gap]
      + rows.map { row in
        scale.side + Self.gap + (row.cells.contains { $0.partner != nil } ? 2 * Self.lineHeight : 0)
      }
    let isMixed = rows.contains { $0.cells.contains { $0.partner != nil } }
    let page = Page(
      title: "What training does to its images", subtitle: setting,
      caption:
        "Each column is one training image, in the first row as it is. What is done follows from the seed and the "
        + "epoch alone, so that all runs of a seed see the same."
        + (isMixed
          ? " Below a mixed image stand the shares of its label: its own class, and that of the image mixed in." : ""))
    let width = max(margin + Double(columns) * pitch - Self.gap, Page.minimumWidth)
    let drawing = page.drawing(body: Size(width, Self.heading + heights.reduce(0, +)), ruler: ruler) { canvas, area in
      let left = area.x + margin
      for column in 0..<columns {
        canvas.text(
          ruler.fitted(
            className(originals[column].label, classNames), font: Theme.small, width: scale.side + Self.gap - 3),
          at: Point(left + Double(column) * pitch, area.y), font: Theme.small, color: Theme.secondary, vertical: .top)
      }
      var y = area.y + Self.heading
      for (index, height) in heights.enumerated() {
        canvas.text(
          names[index], at: Point(area.x, y + scale.side / 2), font: Theme.label, color: Theme.ink, vertical: .middle)
        for column in 0..<columns {
          let cell = index == 0 ? Cell(image: originals[column].image) : rows[index - 1].cells[column]
          draw(cell, of: column, at: Point(left + Double(column) * pitch, y), scale, ruler: ruler, on: canvas)
        }
        y += height
      }
    }
    return Figure(name: figureName(prefix: prefix, "augmentation"), title: page.title, drawing: drawing, table: table)
  }

  private func draw(
    _ cell: Cell, of column: Int, at corner: Point, _ scale: ImageScale, ruler: TextRuler, on canvas: Canvas
  ) {
    canvas.image(cell.image, in: scale.rectangle(of: cell.image, at: corner))
    guard let (partner, share) = cell.partner else { return }
    for (line, part) in [(originals[column], share), (originals[partner], 1 - share)].enumerated() {
      let text = "\(decimal(100 * part.1, 0)) % \(className(part.0.label, classNames))"
      canvas.text(
        ruler.fitted(text, font: Theme.small, width: scale.side + Self.gap - 3),
        at: Point(corner.x, corner.y + scale.side + 2 + Double(line) * Self.lineHeight), font: Theme.small,
        color: line == 0 ? Theme.ink : Theme.secondary, vertical: .top)
    }
  }

  private var table: CSVTable {
    var table = CSVTable(header: [
      "change", "image", "class", "mean_absolute_difference", "own_share", "partner_image", "partner_class",
    ])
    for row in rows {
      for (original, cell) in zip(originals, row.cells) {
        let pairs = zip(original.image.pixels, cell.image.pixels)
        let difference = pairs.reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        let partner = cell.partner.map { originals[$0.column] }
        table.append([
          row.name, original.row, className(original.label, classNames),
          Double(difference) / Double(max(1, original.image.pixels.count)),
          cell.partner.map { "\($0.share)" } ?? "1", partner.map { "\($0.row)" } ?? "",
          partner.map { className($0.label, classNames) } ?? "",
        ])
      }
    }
    return table
  }
}
