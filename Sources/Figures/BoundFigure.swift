//  ISDA's bound, what it bounds, and plain cross-entropy against λ: whether the loss that is minimised says something
//  about the loss that is meant.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// The losses of one run by λ, for training and test images, and how loose the bound is.
public struct BoundFigure {
  public var bound: BoundReport
  /// λ₀ of the run; nil if it was trained without ISDA.
  public var trainedAt: Double?
  /// What the features come from, for the subtitle.
  public var run: String

  public init(_ bound: BoundReport, trainedAt: Double?, run: String) {
    (self.bound, self.trainedAt, self.run) = (bound, trainedAt, run)
  }

  private enum Curve: CaseIterable {
    case bound, expectation, crossEntropy

    var name: String {
      switch self {
      case .bound: "ISDA’s bound"
      case .expectation: "expectation"
      case .crossEntropy: "cross-entropy"
      }
    }

    var color: Color {
      switch self {
      case .bound: Palette.okabeIto[1]
      case .expectation: Palette.okabeIto[0]
      case .crossEntropy: Theme.secondary
      }
    }

    var dash: [Double] { self == .crossEntropy ? [5, 3] : [] }

    func value(_ point: BoundReport.Point) -> Double {
      switch self {
      case .bound: point.bound
      case .expectation: point.expectation
      case .crossEntropy: point.crossEntropy
      }
    }
  }

  private static let panelWidth = 300.0
  private static let gap = 26.0

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let splits = [ImageReference.Split.train, .test].filter { split in bound.points.contains { $0.split == split } }
    let width = Double(splits.count + 1) * (Self.panelWidth + Self.gap) - Self.gap
    let legend = Legend(
      Curve.allCases.map { .init(.line($0.color, width: 2, dash: $0.dash), $0.name) } + [
        .init(.line(Self.splitColor(.train), width: 2, dash: [4, 3]), "looseness, training images"),
        .init(.line(Self.splitColor(.test), width: 2, dash: []), "test images"),
        .init(.line(Theme.faint, width: 0.8, dash: []), "one class of the test images"),
      ], width: max(width, Page.minimumWidth), ruler: ruler)
    let violations = bound.points.filter { $0.classIndex == nil }.reduce(0) { $0 + $1.violations }
    let page = Page(
      title: "ISDA’s bound, what it bounds, and cross-entropy", subtitle: run,
      caption:
        "Mean loss of the final network at strength λ, with the covariances of its training features. The expectation "
        + "is over features drawn around each image’s; the bound is what ISDA minimises in its place. Bands and "
        + "intervals (95 %) cover other images and draws. Right: what the bound adds over the expectation, in multiples "
        + "of what augmentation adds over cross-entropy. Estimates above their image’s bound by more than 5 standard "
        + "errors: \(violations) (theory: none)."
        + (trainedAt == nil ? "" : " λ₀ is the strength at which the run ended.")
        + " The loss of a network that was trained at another λ would be another.")
    let height = 320.0
    let drawing = page.drawing(body: Size(max(width, Page.minimumWidth), legend.height + 12 + height), ruler: ruler) {
      canvas, area in
      legend.draw(on: canvas, at: Point(area.x, area.y))
      let top = area.y + legend.height + 12
      for (index, split) in splits.enumerated() {
        drawLosses(split, in: frame(index, area, top: top, height: height), on: canvas)
      }
      drawLooseness(splits, in: frame(splits.count, area, top: top, height: height), on: canvas)
    }
    return Figure(name: figureName(prefix: prefix, "bound"), title: page.title, drawing: drawing, table: bound.table)
  }

  private static func splitColor(_ split: ImageReference.Split) -> Color {
    Palette.okabeIto[split == .train ? 3 : 2]
  }

  private func frame(_ index: Int, _ area: Rectangle, top: Double, height: Double) -> Rectangle {
    Rectangle(
      x: area.x + Double(index) * (Self.panelWidth + Self.gap) + 38, y: top + Plot.headingHeight,
      width: Self.panelWidth - 38 - 12, height: height - Plot.headingHeight - Plot.footerHeight)
  }

  private func points(_ split: ImageReference.Split, classIndex: Int? = nil) -> [BoundReport.Point] {
    bound.points.filter { $0.split == split && $0.classIndex == classIndex }.sorted { $0.lambda < $1.lambda }
  }

  private var lambdas: Axis {
    Axis(.linear, from: 0, to: bound.points.map(\.lambda).filter(\.isFinite).max() ?? 1, ticks: 5)
  }

  private func drawLosses(_ split: ImageReference.Split, in frame: Rectangle, on canvas: Canvas) {
    let points = points(split)
    let plot = Plot(
      frame: frame, x: lambdas,
      y: .fromZero(covering: points.flatMap { point in Curve.allCases.map { $0.value(point) } }),
      heading: "Loss of \(split == .train ? "training" : "test") images (nats)", xLabel: "λ")
    plot.drawAxes(on: canvas)
    markTraining(plot, on: canvas)
    plot.band(
      points.map { ($0.lambda, $0.expectation, $0.bound) }, on: canvas, color: Curve.bound.color.opacity(0.13))
    for curve in Curve.allCases.reversed() {
      plot.line(
        points.map { ($0.lambda, curve.value($0)) }, on: canvas, color: curve.color,
        width: curve == .crossEntropy ? 1.5 : 2, dash: curve.dash)
    }
  }

  private func drawLooseness(_ splits: [ImageReference.Split], in frame: Rectangle, on canvas: Canvas) {
    let test = bound.points.filter { $0.split == .test && $0.classIndex != nil }
    let all = splits.flatMap { points($0) }
    let shown = all.flatMap { [$0.gapOverEffect.upper, $0.gapOverEffect.value] } + test.map(\.gapOverEffect.value)
    let plot = Plot(
      frame: frame, x: lambdas, y: .fromZero(covering: shown), heading: "Looseness of the bound, G/E", xLabel: "λ")
    plot.drawAxes(on: canvas)
    markTraining(plot, on: canvas)
    for classIndex in Set(test.compactMap(\.classIndex)).sorted() {
      plot.line(
        points(.test, classIndex: classIndex).map { ($0.lambda, $0.gapOverEffect.value) }, on: canvas,
        color: Color(0xCFCFD4), width: 0.8)
    }
    for split in splits {
      let (points, color) = (points(split), Self.splitColor(split))
      plot.band(
        points.map { ($0.lambda, $0.gapOverEffect.lower, $0.gapOverEffect.upper) }, on: canvas,
        color: color.opacity(0.18))
      plot.line(
        points.map { ($0.lambda, $0.gapOverEffect.value) }, on: canvas, color: color, width: 2,
        dash: split == .train ? [4, 3] : [])
    }
  }

  private func markTraining(_ plot: Plot, on canvas: Canvas) {
    guard let trainedAt, let fraction = plot.x.fraction(trainedAt), (0...1).contains(fraction) else { return }
    let x = plot.frame.x + fraction * plot.frame.width
    canvas.move(x, plot.frame.y)
    canvas.line(x, plot.frame.maxY)
    canvas.stroke(Theme.axis, width: 1, dash: [1.5, 2.5])
    canvas.text(
      "λ₀", at: Point(x + 4, plot.frame.y + 2), font: Theme.small, color: Theme.secondary, vertical: .top)
  }
}
