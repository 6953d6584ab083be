//  How far the features of a network have collapsed onto their class means, and what is left for ISDA to move: the two
//  are one question, because ISDA's term is made of the very covariances that shrink.

public import Torch

/// The measures of neural collapse of Papyan, Han and Donoho (2020), with the variants that are in use, and the factors
/// that ISDA's term (w_j − w_c)ᵀ Σ_c (w_j − w_c) is made of.
///
/// K is the number of classes that have images, μ_c and Σ_c their means and covariances (divisor n_c), μ_G the plain
/// mean of the μ_c, M the K×A matrix of rows μ_c − μ_G, Σ_B = MᵀM/K, Σ_W = Σ_c n_c Σ_c / N, W the last layer's weights
/// of these classes. With fewer than two classes everything that compares classes is NaN.
public struct NeuralCollapse {
  /// NC1, tr(Σ_B⁺ Σ_W) / K.
  public let nc1: Double
  /// tr Σ_W / tr Σ_B (Tirer et al. 2023): the same question without the inverse.
  public let traceRatio: Double
  /// The mean over pairs of (tr Σ_i + tr Σ_j) / 2|μ_i − μ_j|² (Galanti et al. 2021).
  public let cdnv: Double
  /// NC2, | MMᵀ/|MMᵀ| − E | in Frobenius norms with E = (I − 11ᵀ/K)/√(K−1), the simplex equiangular tight frame; 0 to 2.
  public let frameError: Double
  /// NC2 in two parts: deviation over mean of the lengths |μ_c − μ_G|,
  public let equinorm: Double
  /// and the mean over pairs of |cos(μ_i − μ_G, μ_j − μ_G) + 1/(K−1)|.
  public let equiangularity: Double
  /// NC3, | WMᵀ/|WMᵀ| − E |: the classifier's rows against the class means.
  public let dualityError: Double
  /// NC4, the share of images whose predicted class is that of the nearest μ_c.
  public let nearestMeanAgreement: Double
  /// The mean over classes of tr(P Σ_c)/tr(Σ_c), P the projector on span{w_j − w_c}.
  public let visibleShare: Double
  /// The mean over classes of tr Σ_c.
  public let withinTrace: Double
  /// The mean over pairs of |μ_i − μ_j|.
  public let meanDistance: Double
  /// The mean over pairs of |w_i − w_j|.
  public let weightDistance: Double
  /// The mean over ordered pairs c ≠ j of q_cj = (w_j − w_c)ᵀ Σ_c (w_j − w_c), to which ISDA adds λ/2 of.
  public let term: Double
  /// A Σ q_cj / Σ |w_j − w_c|² tr Σ_c: 1 if the classifier looked in directions of average variance, below it if it has
  /// turned away from the classes' variance.
  public let alignment: Double
  /// The mean over ordered pairs of q_cj / ((w_j − w_c)ᵀ(μ_j − μ_c))²: the variance of a class over the squared distance
  /// of the means, both as the classifier sees them. Unlike the others it does not change when features grow and
  /// weights shrink by the same factor.
  public let marginVariance: Double

  /// - Parameters:
  ///   - moments: of the features, full covariances, float64.
  ///   - features: N×A, float64, N > 0, the same that the moments come from.
  ///   - predictions: the class that the network gives each of them.
  ///   - weight: W, C×A, float64.
  ///
  /// Everything must be finite. Cost: O(N·K·A) for the nearest means, O(K(K·A² + K²A)) for the rest.
  public init(moments: ClassMoments, features: Tensor, predictions: [Int], weight: Tensor) {
    self.init(
      counts: moments.counts, means: moments.means, features: features, predictions: predictions, weight: weight,
      covariance: moments.covariances.dense)
  }

  /// The same with one covariance in memory at a time: those of 1000 classes of 2048 features would take 34 GB.
  /// - Parameters:
  ///   - labels: the class of each of the features, 0 ..< C.
  public init(features: Tensor, labels: [Int], predictions: [Int], weight: Tensor) {
    let (classCount, featureCount) = (weight.shape[0], weight.shape[1])
    let summary = ClassMoments(
      classCount: classCount, featureCount: featureCount, form: .diagonal, elementType: .float64)
    summary.update(features: features, labels: labels)
    let rowsByClass = RowsByClass(labels, classCount: classCount)
    let groups = Dictionary(uniqueKeysWithValues: rowsByClass.present.map { ($0.label, $0.rows) })
    self.init(
      counts: summary.counts, means: summary.means, features: features, predictions: predictions, weight: weight
    ) { label in
      let rows = rowsByClass.order[groups[label] ?? 0..<0]
      let moments = ClassMoments(classCount: 1, featureCount: featureCount, elementType: .float64)
      moments.update(
        features: features.rows(Tensor(rows.map(Int64.init))), labels: Array(repeating: 0, count: rows.count))
      return moments.covariances.dense(0)
    }
  }

  /// - Parameters:
  ///   - counts, means: n_c and μ_c of all classes.
  ///   - covariance: Σ_c of a class that has images; asked for once.
  private init(
    counts: [Double], means allMeans: Tensor, features: Tensor, predictions: [Int], weight: Tensor,
    covariance: (Int) -> Tensor
  ) {
    let present = counts.indices.filter { counts[$0] > 0 }
    let count = Double(present.count)
    let chosen = Tensor(present.map(Int64.init))
    let (means, rows) = (allMeans.rows(chosen), weight.rows(chosen))
    let centered = means - means.mean([0], keepingDimensions: true)
    let gram = centered.matmul(centered.transposed)
    let basis = classifierSpan(weight: weight)

    // One pass over the covariances: their traces, what the classifier sees of them, and MΣ_WMᵀ.
    var (traces, visible, terms, marginVariances): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
    var weighted = 0.0
    let within = Tensor.zeros([present.count, present.count], .float64)
    let total = counts.reduce(0, +)
    for (place, label) in present.enumerated() {
      let covariance = covariance(label)
      let variance = visibleVariance(of: covariance, in: basis)
      traces.append(variance.total)
      visible.append(variance.total > 0 ? variance.visible / variance.total : .nan)
      let differences = rows - rows.slice(place..<place + 1)
      let products = (differences.matmul(covariance) * differences).sum([1]).array(of: Double.self)
      let margins = (differences * (means - means.slice(place..<place + 1))).sum([1]).array(of: Double.self)
      for other in present.indices where other != place {
        terms.append(products[other])
        marginVariances.append(products[other] / (margins[other] * margins[other]))
      }
      let share = counts[label] / total
      weighted += share * variance.total
      within.add(centered.matmul(covariance).matmul(centered.transposed), scale: share)
    }
    func mean(_ values: [Double]) -> Double { values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count) }

    // With M = U S Vᵀ, Σ_B⁺ = K V S⁻² Vᵀ, so tr(Σ_B⁺ Σ_W) = K Σ_k u_kᵀ M Σ_W Mᵀ u_k / s_k⁴.
    let (squares, axes) = gram.symmetricEigen()
    let lengths = squares.array(of: Double.self)
    let along = (axes.matmul(within) * axes).sum([1]).array(of: Double.self)
    let floor = 1e-12 * (lengths.first ?? 0)
    nc1 = count > 1 ? zip(along, lengths).reduce(0) { $1.1 > floor ? $0 + $1.0 / ($1.1 * $1.1) : $0 } : .nan
    let between = mean(lengths)
    traceRatio = weighted / between

    let norms = gram.array(of: Double.self)
    func entry(_ i: Int, _ j: Int) -> Double { norms[i * present.count + j] }
    let weightGram = rows.matmul(rows.transposed).array(of: Double.self)
    func squaredWeightDistance(_ i: Int, _ j: Int) -> Double {
      weightGram[i * present.count + i] + weightGram[j * present.count + j] - 2 * weightGram[i * present.count + j]
    }
    let pairs = present.indices.flatMap { i in (0..<i).map { (i, $0) } }
    func squaredDistance(_ i: Int, _ j: Int) -> Double { entry(i, i) + entry(j, j) - 2 * entry(i, j) }
    cdnv = mean(pairs.map { (traces[$0] + traces[$1]) / 2 / squaredDistance($0, $1) })
    let radii = present.indices.map { entry($0, $0).squareRoot() }
    let radius = mean(radii)
    equinorm = count > 1 ? mean(radii.map { ($0 - radius) * ($0 - radius) }).squareRoot() / radius : .nan
    equiangularity = mean(pairs.map { abs(entry($0, $1) / (radii[$0] * radii[$1]) + 1 / (count - 1)) })
    frameError = NeuralCollapse.distanceToFrame(gram)
    dualityError = NeuralCollapse.distanceToFrame(rows.matmul(centered.transposed))

    // |a − μ|² = |a|² − 2 (aᵀμ − |μ|²/2), and |a|² is the same for all means.
    let scores = features.matmul(means.transposed) - (means * means).sum([1]) * 0.5
    let nearest = scores.argmax(dimension: 1).array(of: Int64.self)
    let agreeing = zip(nearest, predictions).count { present[Int($0)] == $1 }
    nearestMeanAgreement = Double(agreeing) / Double(predictions.count)

    visibleShare = mean(visible.filter(\.isFinite))
    withinTrace = mean(traces)
    meanDistance = mean(pairs.map { max(squaredDistance($0, $1), 0).squareRoot() })
    weightDistance = mean(pairs.map { max(squaredWeightDistance($0, $1), 0).squareRoot() })
    term = mean(terms)
    let isotropic = mean(pairs.map { squaredWeightDistance($0, $1) * (traces[$0] + traces[$1]) / 2 })
    alignment = Double(weight.shape[1]) * term / isotropic
    marginVariance = mean(marginVariances)
  }

  /// | S/|S| − (I − 11ᵀ/K)/√(K−1) | for a K×K matrix S.
  private static func distanceToFrame(_ structure: Tensor) -> Double {
    let size = structure.shape[0]
    guard size > 1 else { return .nan }
    let places = Tensor.range(size)
    let identity = places.unsqueezed(0).equals(places.unsqueezed(1)).to(.float64)
    let frame = (identity - 1 / Double(size)) * (1 / Double(size - 1).squareRoot())
    let difference = structure / (structure * structure).sum().squareRoot - frame
    return (difference * difference).sum().squareRoot.item()
  }
}
