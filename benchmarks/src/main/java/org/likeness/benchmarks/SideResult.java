package org.likeness.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What one process measured: the line of JSON that each side prints last.
 *
 * @param stepMs time of each step after the warm-up, in milliseconds
 * @param startBytes resident before the model was made, null where the system does not say
 * @param peakBytes resident at most, null where the system does not say
 * @param activationBytes what is kept between the passes: the planned slab, or what autograd saves
 * @param loss means of the last step's src and dst losses
 * @param plannedBytes of all pools, null where nothing is planned
 * @param deviceBytes taken from a GPU since it was opened, null on the processor
 * @param flops of a step's convolutions and products, null where they are not counted
 */
record SideResult(
    @JsonProperty("step_ms") List<Double> stepMs,
    @JsonProperty("start_bytes") Long startBytes,
    @JsonProperty("peak_bytes") Long peakBytes,
    @JsonProperty("activation_bytes") Long activationBytes,
    @JsonProperty("threads") int threads,
    @JsonProperty("version") String version,
    @JsonProperty("loss") List<Double> loss,
    @JsonProperty("planned_bytes") Long plannedBytes,
    @JsonProperty("device_bytes") Long deviceBytes,
    @JsonProperty("flops") Double flops) {}
