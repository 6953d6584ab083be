//  How the test error depends on one setting, with every run: whether an arm's result is the method's or the setting's.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// Test errors by the values of a setting: numbers such as λ₀ or names such as forms of the covariance.
public struct SensitivityFigure {
  /// The runs of one value.
  public struct Column: Sendable {
    public var label: String
    public var errors: [Double]
    /// Of the mean, with its 95 % interval over seeds.
    public var mean: Estimate

    public init(label: String, errors: [Double], mean: Estimate) {
      (self.label, self.errors, self.mean) = (label, errors, mean)
    }
  }

  /// As an axis calls it, `λ₀`.
  public var settingName: String
  /// The baseline first.
  public var columns: [Column]
  public var setting: String

  public init(_ settingName: String, columns: [Column], setting: String) {
    (self.settingName, self.columns, self.setting) = (settingName, columns, setting)
  }

  public func figure(prefix: String = "", name: String) -> Figure {
    let ruler = TextRuler()
    let widest = min(ruler.width(ofWidest: columns.map(\.label), font: Theme.label), 140)
    let step = max(78, widest + 16)
    let width = max(Double(max(columns.count, 1)) * step + 44, Page.minimumWidth)
    let page = Page(
      title: "Test error by \(settingName)", subtitle: setting,
      caption:
        "Dots are runs; bars are means with 95 % t intervals over seeds. The band is the baseline's interval, drawn on. "
        + "Runs of one seed are pairs, so the differences are known better than the means look; the tables have them.")
    let height = 300.0
    let drawing = page.drawing(body: Size(width, height), ruler: ruler) { canvas, area in
      let frame = Rectangle(
        x: area.x + 44, y: area.y + Plot.headingHeight, width: area.width - 44,
        height: height - Plot.headingHeight - Plot.footerHeight)
      let count = Double(max(columns.count, 1))
      let all = columns.flatMap { $0.errors + [$0.mean.lower, $0.mean.upper] }
      let plot = Plot(
        frame: frame, x: Axis(.linear, from: 0, to: count, ticks: 0), y: .around(all), heading: "Test error (%)")
      plot.drawRows(on: canvas)
      canvas.text(plot.heading, at: Point(frame.x, frame.y - 12), font: Theme.heading, color: Theme.ink)
      if let baseline = columns.first?.mean {
        plot.band(
          [(0, baseline.lower, baseline.upper), (count, baseline.lower, baseline.upper)], on: canvas,
          color: Theme.faint.opacity(0.22))
      }
      for (index, column) in columns.enumerated() {
        let x = Double(index) + 0.5
        let color = index == 0 ? Theme.ink : Palette.okabeIto[0]
        for (place, error) in column.errors.enumerated() {
          // A little apart, in the order of seeds, so that equal errors are seen.
          let shift = column.errors.count > 1 ? (Double(place) / Double(column.errors.count - 1) - 0.5) * 0.3 : 0
          guard let point = plot.point(x + shift, error) else { continue }
          canvas.circle(point.x, point.y, radius: 2.2)
          canvas.fill(color.opacity(0.45))
        }
        plot.line([(x, column.mean.lower), (x, column.mean.upper)], on: canvas, color: color, width: 1.6)
        plot.line([(x - 0.2, column.mean.value), (x + 0.2, column.mean.value)], on: canvas, color: color, width: 2.2)
        if let place = plot.point(x, plot.y.lower) {
          canvas.text(
            ruler.fitted(column.label, font: Theme.label, width: step - 6), at: Point(place.x, frame.maxY + 8),
            font: Theme.label, color: Theme.secondary, horizontal: .center, vertical: .top)
        }
      }
    }
    return Figure(name: figureName(prefix: prefix, name), title: page.title, drawing: drawing, table: table)
  }

  private var table: CSVTable {
    var table = CSVTable(header: ["value", "run", "error", "mean", "mean_lower", "mean_upper"])
    for column in columns {
      for (index, error) in column.errors.enumerated() {
        table.append([column.label, index, error, column.mean.value, column.mean.lower, column.mean.upper])
      }
    }
    return table
  }
}
