//  Whether halves of a class's images show the same directions.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// Agreement of directions between halves of the images, a panel a class.
public struct StabilityFigure {
  public var measures: DirectionSignificance
  /// What the features come from, for the subtitle.
  public var run: String

  public init(_ measures: DirectionSignificance, run: String) {
    (self.measures, self.run) = (measures, run)
  }

  private static let group = Palette.okabeIto[1]
  private static let chanceDash: [Double] = [2, 2.5]

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let panels = ClassPanels(measures)
    let body = panels.size
    let legend = Legend(
      [
        .init(.dot(ClassPanels.significant), "|cos| of a direction that stands out"),
        .init(.dot(ClassPanels.noise), "of one that does not"),
        .init(.line(Self.group, width: 2.5, dash: []), "overlap of directions with close eigenvalues"),
        .init(.line(Theme.secondary, width: 1.2, dash: Self.chanceDash), "chance"),
      ], width: max(body.width, Page.minimumWidth), ruler: ruler)
    let page = Page(
      title: "Whether halves of the images agree on the directions", subtitle: run,
      caption:
        "The images of each class were split into random halves \(measures.splits) times. Dots: mean |cos| between the "
        + "k-th directions of the halves; lines: where 90 % of the splits lie. Where eigenvalues lie too close for halves "
        + "to tell them apart, single directions turn freely and only their common space can be compared: the bar is "
        + "the mean squared cosine between the two spaces, 1 if they are the same. Halves have half the images, so the whole class’s directions are surer than "
        + "this." + panels.remark(of: measures.classes.count))
    let y = Axis(.linear, from: 0, to: 1, ticks: 5)
    let drawing = page.drawing(body: Size(body.width, body.height + legend.height + 6), ruler: ruler) { canvas, area in
      legend.draw(on: canvas, at: Point(area.x, area.y))
      panels.draw(y: y, on: canvas, at: Point(area.x, area.y + legend.height + 6), ruler: ruler) { group, plot in
        for (index, direction) in group.directions.enumerated() {
          guard let cosine = direction.cosine, let range = direction.cosineRange else { continue }
          if index + 1 == direction.firstOfGroup { drawGroup(direction, of: group, in: plot, on: canvas) }
          let color = ClassPanels.color(of: direction)
          ClassPanels.mark(
            Double(index + 1), cosine, from: range.lower, to: range.upper, in: plot, on: canvas, color: color)
        }
      }
    }
    return Figure(
      name: figureName(prefix: prefix, "stability"), title: page.title, drawing: drawing, table: measures.table)
  }

  /// The chance level under a direction or group, and a group's overlap.
  private func drawGroup(
    _ direction: DirectionSignificance.Direction, of group: DirectionSignificance.Class, in plot: Plot,
    on canvas: Canvas
  ) {
    let (first, last) = (Double(direction.firstOfGroup) - 0.4, Double(direction.lastOfGroup) + 0.4)
    let members = direction.lastOfGroup - direction.firstOfGroup + 1
    let chance = members > 1 ? Double(members) / Double(max(group.featureCount, 1)) : group.chanceCosine
    plot.line([(first, chance), (last, chance)], on: canvas, color: Theme.secondary, width: 1.2, dash: Self.chanceDash)
    if members > 1, let overlap = direction.overlap {
      plot.line([(first, overlap), (last, overlap)], on: canvas, color: Self.group, width: 2.5)
    }
  }
}
