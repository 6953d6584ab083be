//  What a class is called in tables and figures, also where a file names fewer classes than it speaks of.

/// The name of a class, or its number where the list of names is too short.
public func className(_ index: Int, _ names: [String]) -> String {
  names.indices.contains(index) ? names[index] : "class \(index)"
}
