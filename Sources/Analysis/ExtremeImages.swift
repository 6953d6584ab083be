//  The images farthest out on each leading direction of a class.

internal import Results
internal import Torch

/// For each leading direction the test images of the class with the smallest and the largest projections.
func extremes(
  of directions: ClassDirections, among images: LabelledFeatures, options: AnalysisOptions
) -> Extremes {
  let rows = images.rows(of: directions.index)
  let leading = directions.leading(options.directions)
  let centered = images.features(of: directions.index) - directions.heldOutMean
  let projections = leading.matmul(centered.transposed)
  let order = projections.sortingOrder()
  let variances = directions.heldOutVariances(along: leading)
  // Never the same image on both sides.
  let count = min(options.extremes, rows.count / 2)

  return Extremes(
    classIndex: directions.index,
    rows: (0..<leading.shape[0]).map { k in
      let places = order.select(k).array(of: Int64.self).map(Int.init)
      let values = projections.select(k).array(of: Double.self)
      let sigma = max(variances[k], 0).squareRoot()
      func entry(_ place: Int) -> Extremes.Entry {
        Extremes.Entry(
          image: ImageReference(.test, rows[place]), predicted: images.predictions[rows[place]],
          projection: sigma > 0 ? values[place] / sigma : 0)
      }
      return Extremes.Row(
        direction: k + 1, share: directions.spectrum.shares[k], lowest: places.prefix(count).map(entry),
        highest: places.suffix(count).reversed().map(entry))
    })
}
